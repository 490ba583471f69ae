// Bubbles.
import { use } from "echarts/core";
import { install as bubbles } from "echarts/lib/chart/scatter/install.js";
import "./axes.js";

use([bubbles]);
