// Begins the measured stretch of a cold start and goes on to the page that is loaded.
await fetch("/mark", { method: "POST", body: "begin" });
location.href = `/pages/index.html${location.search}`;
