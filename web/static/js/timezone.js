// The choices of a time zone field are the browser's own list; with
// data-guess, an empty field takes the zone that the browser is in.

export function timezones() {
  const list = document.querySelector("#timezones");
  if (!list) return;
  for (const zone of Intl.supportedValuesOf("timeZone")) list.append(new Option(zone, zone));
  const field = document.querySelector("[list=timezones]");
  if ("guess" in list.dataset && !field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
}
