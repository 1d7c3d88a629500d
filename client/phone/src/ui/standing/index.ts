// What is loaded when somebody first looks at a standing or at segments. Read next: answer.tsx.
import "./style.css";

export { loadStanding } from "../../texts/standing";
export { Members, Segments } from "./segments";
export { StandingPage } from "./standing";
export { StandingLine } from "./standing_line";
