// The service worker: the shell is served from the phone, so that it opens without a network.
// What it never touches: anything but GET, and anything but the files listed here. Calls always go to the server.
const FILES = ["assets/en-Cc_HrnmI.js","assets/forms-DOhTaETx.js","assets/history-2ou5gUTH.js","assets/lt-Dq6iBqDO.js","assets/phone-CRGPfdPq.css","assets/phone-CTARR15s.js","assets/phone-DsCQOQKi.css","assets/pl-Bq5ufkVK.js","assets/ru-CUjw5vF1.js","assets/settings--2-PUpKi.js","assets/standing-BUsumhxd.js","assets/standing_en-vTb_olOe.js","assets/standing_lt-BwFGw-6p.js","assets/standing_pl-DbW2eUWU.js","assets/standing_ru-CMSf6xMG.js","icon-192.png","icon-512.png","icon.svg","index.html","manifest.webmanifest"];
const CACHE = "clientela-3f0b2964eef1";
const here = (path) => new URL(path, self.registration.scope).pathname;

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
    await self.skipWaiting();
  };
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { method, url, mode } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  const file = mode === "navigate" && pathname === here("./") ? here("index.html") : pathname;
  if (!FILES.some((name) => here(name) === file)) return;
  const answer = async () => (await caches.match(file, { cacheName: CACHE })) ?? fetch(event.request);
  event.respondWith(answer());
});
