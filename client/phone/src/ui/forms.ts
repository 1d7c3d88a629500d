// Forms, loaded when the first of them is looked at.
export { Conflict } from "./conflict";
export { CorrectCustomer, EditCustomer, NewCustomer } from "./edit";
export { SignIn } from "./signin";
