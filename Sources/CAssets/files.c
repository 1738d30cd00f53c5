// The project's own files, from `files/`. A changed one leads to a new build: the compiler lists them among what this file depends on.

#include "CAssets.h"

#define EMBEDDED(name) \
    EmbeddedFile embedded_##name(void) { return (EmbeddedFile){name, sizeof name}; }

static const unsigned char openapi_json[] = {
#embed "files/openapi.json"
};
EMBEDDED(openapi_json)

static const unsigned char page_css[] = {
#embed "files/page.css"
};
EMBEDDED(page_css)

static const unsigned char status_js[] = {
#embed "files/status.js"
};
EMBEDDED(status_js)

static const unsigned char api_docs_css[] = {
#embed "files/api-docs.css"
};
EMBEDDED(api_docs_css)

static const unsigned char api_docs_js[] = {
#embed "files/api-docs.js"
};
EMBEDDED(api_docs_js)

static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
EMBEDDED(icon_svg)
