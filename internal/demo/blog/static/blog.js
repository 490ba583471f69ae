// The share bar's two buttons: what blogs do by themselves, without Earshot.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const label = button.textContent
    await navigator.clipboard.writeText(button.dataset.copy)
    button.textContent = button.dataset.done
    setTimeout(() => { button.textContent = label }, 2000)
  })
}
const native = document.querySelector('[data-native]')
if (native && navigator.share) {
  native.hidden = false
  const button = native.querySelector('button')
  button.addEventListener('click', () => {
    navigator.share({ title: button.dataset.title, url: button.dataset.url }).catch(() => {})
  })
}
