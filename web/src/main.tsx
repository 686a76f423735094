import "./style/tokens.css";
import "./style/base.css";
import "./style/controls.css";
import "./style/layout.css";
import "./style/results.css";
import "./style/inside.css";
import { render } from "preact";
import { App } from "./page/app.js";

render(<App />, document.getElementById("app")!);
