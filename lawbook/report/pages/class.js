const map = document.querySelector(".map"), reading = document.querySelector(".reading")
if (map) {
  const words = { x: "does not hold", E: "raised an exception", T: "took too long", C: "ended the process",
    M: "is missing", w: "does not hold: a warning, it does not count", "-": "was not run", d: "deviates as the course says",
    "?": "Lawbook failed on it", "·": "holds", " ": "is not asked here" }
  const laws = [...map.tHead.querySelectorAll(".rates")].map(one => [...one.children].map(law => law.dataset.l))
  const body = map.tBodies[0], rows = [...body.rows], cells = row => [...row.querySelectorAll(".t code")]
  const range = document.createRange(), frame = document.createElement("div")
  let at = null
  frame.style.cssText = "position:absolute;pointer-events:none;outline:2px solid var(--numbers)"
  document.querySelector(".controls").hidden = false

  const show = (row, topic, law, move) => {
    const cell = cells(row)[topic], sign = cell.textContent[law]
    const status = words[sign] || "holds", id = laws[topic][law]
    reading.textContent = `${row.cells[0].textContent.trim()} — ${id.split(".")[1].replaceAll("_", " ")}: ${status} (${id})`
    at = [row, topic, law]
    const wide = cell.getBoundingClientRect(), one = wide.width / cell.textContent.length
    cell.style.position = "relative"
    frame.style.left = `${law * one}px`; frame.style.top = 0
    frame.style.width = `${one}px`; frame.style.height = `${wide.height}px`
    cell.append(frame)
    if (move) frame.scrollIntoView({ block: "nearest", inline: "nearest" })
  }
  const place = event => {
    const cell = event.target.closest?.(".t code")
    if (!cell) return
    const box = cell.getBoundingClientRect(), size = cell.textContent.length
    const row = cell.closest("tr"), law = Math.floor((event.clientX - box.left) / box.width * size)
    show(row, cells(row).indexOf(cell), Math.min(size - 1, Math.max(0, law)))
  }
  map.addEventListener("pointermove", place)
  map.addEventListener("click", place)
  const box = map.parentElement
  box.addEventListener("keydown", event => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key]
    if (!step || event.target !== box) return
    event.preventDefault()
    const seen = [...body.rows].filter(row => !row.hidden && cells(row).length)
    if (!seen.length) return
    let [row, topic, law] = at && seen.includes(at[0]) ? at : [seen[0], 0, -1]
    row = seen[Math.min(seen.length - 1, Math.max(0, seen.indexOf(row) + step[0]))]
    law += step[1]
    if (law < 0) { topic = Math.max(0, topic - 1); law = step[1] < 0 ? laws[topic].length - 1 : 0 }
    if (law >= laws[topic].length) { topic = Math.min(laws.length - 1, topic + 1); law = 0 }
    show(row, topic, law, true)
  })

  const text = row => row.found ??= (row.cells[0].textContent + " " + row.dataset.o + " " + cells(row).flatMap((cell, topic) =>
    [...cell.textContent].map((sign, law) => "xETCM".includes(sign) ? laws[topic][law].replaceAll("_", " ") : "")).join(" ")).toLowerCase()
  const number = document.querySelector(".shown")
  document.querySelector("#filter").addEventListener("input", event => {
    const wanted = event.target.value.toLowerCase().split(/\s+/)
    for (const row of rows) row.hidden = !wanted.every(word => text(row).includes(word))
    number.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} shown`
  })
  document.querySelector("#order").addEventListener("change", event => {
    const key = event.target.value, value = row => +row.dataset[key] || 0
    body.append(...(key ? rows.toSorted((a, b) => value(b) - value(a)) : rows))
  })
}
