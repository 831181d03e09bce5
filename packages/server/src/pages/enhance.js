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

/*
 * A second click while the first is on its way would post twice. After a while it may: people can stop the first, and
 * the page stays where the answer went to an app.
 */
for (const form of document.forms) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) return event.preventDefault()
    form.dataset.sent = 'yes'
    const button = event.submitter
    if (button) button.setAttribute('aria-busy', 'true')
    setTimeout(() => {
      delete form.dataset.sent
      if (button) button.removeAttribute('aria-busy')
    }, 5000)
  })
}

/* Back may bring the page as it was left, with the password in it: what is due now may be another page. */
addEventListener('pageshow', (event) => {
  if (event.persisted) location.replace(location.href)
})
