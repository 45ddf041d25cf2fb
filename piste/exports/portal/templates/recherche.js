// Keep the rows that have every word asked for; without this script, each list opens under its name.
(() => {
  const folded = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const field = document.getElementById("q");
  const lists = [...document.querySelectorAll("main table")].map((table) => {
    const list = table.closest("details") ?? table.closest(".wide");
    const kind = list.querySelector("caption").textContent;
    return [list, [...list.querySelectorAll("tbody tr")].map((row) => [row, folded(`${row.textContent} ${kind}`)])];
  });
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  document.querySelector("main .lead").after(said);
  const filter = () => {
    const words = folded(field.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const [list, rows] of lists) {
      let here = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        here += row.hidden ? 0 : 1;
      }
      if ("open" in list) list.open = words.length > 0 && here > 0;
      list.hidden = here === 0;
      found += here;
    }
    const results = `${found} résultat${found > 1 ? "s" : ""} pour « ${field.value.trim()} »`;
    said.textContent = !words.length ? "" : found ? results : "Rien de ce nom.";
  };
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", filter);
  filter();
})();
