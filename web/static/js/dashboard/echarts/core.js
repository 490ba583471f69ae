// What every picture needs. The pieces import parts of ECharts by their own files:
// through "echarts/charts", which names them all, the bundler would put all parts
// into one chunk. Each piece imports those that it needs, so that what they share
// is in few chunks.
import { init, use } from "echarts/core";
import { install as tooltip } from "echarts/lib/component/tooltip/install.js";
import { install as canvas } from "echarts/lib/renderer/installCanvasRenderer.js";

use([tooltip, canvas]);

export { init };
