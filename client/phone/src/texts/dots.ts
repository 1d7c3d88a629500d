// Where an abbreviation ends a sentence ("2026 г.", "30 d."), its dot is the sentence's too.

export function oneDot(text: string): string {
  return text.replace(/(?<!\.)\.\.(?!\.)/g, ".");
}
