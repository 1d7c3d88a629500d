// The service worker: the shell is served from the phone, so that it opens without a network.
// What it never touches: anything but GET, and anything but the files listed here. Calls always go to the server.
const FILES = ["assets/en-Cc_HrnmI.js","assets/forms-Dcc1q7D3.js","assets/history-Bv2BMl0d.js","assets/lt-Dq6iBqDO.js","assets/phone-CRGPfdPq.css","assets/phone-DsCQOQKi.css","assets/phone-IdrH5RSv.js","assets/pl-Bq5ufkVK.js","assets/ru-CUjw5vF1.js","assets/settings-Cr0OzD4g.js","assets/standing-DtMN0-0C.js","assets/standing_en-BYOvprp2.js","assets/standing_lt-CUFl-hd-.js","assets/standing_pl-Q7xNbMfR.js","assets/standing_ru-BhNTcM0Q.js","icon-192.png","icon-512.png","icon.svg","index.html","manifest.webmanifest"];
const CACHE = "clientela-66098d864b19";
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
