// The contract's rules for what forms fill in. Made from the protos by protos/rules_for_phone.py.

/** `most` entries, `unique`: none twice; each is `long` at most, matches `is`, and nothing of `isNot`. */
export interface Rule {
  readonly most?: number;
  readonly unique?: true;
  readonly long?: number;
  readonly is?: readonly string[];
  readonly isNot?: readonly string[];
}

export const CUSTOMER_RULES = {
  "Customer.display_name": {
    "long": 200
  },
  "Customer.emails": {
    "most": 10,
    "unique": true,
    "is": [
      "^[^\"(),:;<>@\\[-\\]]+@[^!-/:-@\\[-`{-~]([^!-,./:-@\\[-`{-~]{0,61}[^!-/:-@\\[-`{-~])?([.][^!-/:-@\\[-`{-~]([^!-,./:-@\\[-`{-~]{0,61}[^!-/:-@\\[-`{-~])?)*$"
    ],
    "isNot": [
      "[\u0001- \u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000-\u3002\ufeff\uff0e\uff61\ufff0-\uffff]"
    ]
  },
  "Customer.phones": {
    "most": 10,
    "unique": true,
    "long": 64,
    "is": [
      "^[ ().\t/\u00a0\u2000-\u2015\u202a-\u202f\u2060-\u206f\u2212\ufeff-]*([+]|00)[ ().\t/\u00a0\u2000-\u2015\u202a-\u202f\u2060-\u206f\u2212\ufeff-]*[1-9]([ ().\t/\u00a0\u2000-\u2015\u202a-\u202f\u2060-\u206f\u2212\ufeff-]*[0-9]){6,14}[ ().\t/\u00a0\u2000-\u2015\u202a-\u202f\u2060-\u206f\u2212\ufeff-]*$"
    ],
    "isNot": [
      "[(] *0 *[)]"
    ]
  },
  "Customer.patron": {
    "long": 200
  },
  "Person.given_name": {
    "long": 100
  },
  "Person.family_name": {
    "long": 100
  },
  "Organization.legal_name": {
    "long": 200
  },
  "Organization.tax_id": {
    "long": 40
  }
} satisfies Record<string, Rule>;

export const SALE_RULES = {
  "Purchase.lines": {
    "most": 2000
  },
  "Purchase.note": {
    "long": 2000
  },
  "PurchaseLine.description": {
    "long": 500
  }
} satisfies Record<string, Rule>;
