// Loaded by every page.
import { menus } from "./js/menu.js";
import { copyButtons } from "./js/copy.js";
import { toasts } from "./js/toast.js";
import { confirmForms } from "./js/confirm.js";
import { waitForEvent } from "./js/waiting.js";
import { revealCurrent } from "./js/reveal.js";
import { busyForms } from "./js/busy.js";
import { swapForms } from "./js/swap.js";
import { timezones } from "./js/timezone.js";

menus();
copyButtons();
toasts();
confirmForms();
busyForms();
swapForms();
waitForEvent();
timezones();
revealCurrent();
