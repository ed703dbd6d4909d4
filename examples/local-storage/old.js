const { username } = document.forms[0].elements
username.value = localStorage.getItem('username') ?? ''
username.addEventListener('input', () => localStorage.setItem('username', username.value))
document.forms[0].addEventListener('submit', (event) => event.preventDefault())
