/*
 * The only script of the hosted pages beside form-post's. Everything works without it. Served as it is: no module, no
 * build, nothing younger than the browsers that know `defer`.
 */
/* Lets people see the password they type. The button is in the document, hidden. */
for (const button of document.querySelectorAll('button[data-reveal]')) {
  const input = document.getElementById(button.dataset.reveal)
  const show = (visible) => {
    input.type = visible ? 'text' : 'password'
    button.textContent = visible ? button.dataset.hide : button.dataset.show
    button.setAttribute('aria-label', visible ? button.dataset.hideLabel : button.dataset.showLabel)
  }
  button.hidden = false
  button.addEventListener('click', () => {
    show(input.type === 'password')
    input.focus()
  })
  /* Browsers offer to remember, and clear on Back, what is of type password. */
  input.form.addEventListener('submit', () => show(false))
}

/* A second click while the first is on its way would post twice. */
for (const form of document.forms) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) return event.preventDefault()
    form.dataset.sent = 'yes'
    if (event.submitter) event.submitter.setAttribute('aria-busy', 'true')
  })
}
addEventListener('pageshow', () => {
  for (const form of document.forms) {
    delete form.dataset.sent
    for (const button of form.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy')
  }
})
