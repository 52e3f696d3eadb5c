for (const box of document.querySelectorAll(".script")) {
  const button = document.createElement("button"), code = box.querySelector("pre")
  button.textContent = "Copy"
  button.onclick = () => {
    getSelection().selectAllChildren(code)
    navigator.clipboard?.writeText(code.textContent).then(() => { button.textContent = "Copied" }, () => {})
  }
  box.append(button)
}
