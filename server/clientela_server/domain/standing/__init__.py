"""The rules of standing: stages, kinds, their findings, and the policy that they are judged by."""
