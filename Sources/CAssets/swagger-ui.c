// Swagger UI, where `fetch-swagger-ui.sh` has put it. Without it the build goes on, and `/api-docs` is a plain page.
//
// The compiler does not list a file that is missing among what this one depends on, so the script touches this file when it has brought them.

#include "CAssets.h"

#define SWAGGER_UI_IS_HERE \
    (__has_embed("../../.build/deps/swagger-ui/swagger-ui.js.gz") == __STDC_EMBED_FOUND__ \
        && __has_embed("../../.build/deps/swagger-ui/swagger-ui.css.gz") == __STDC_EMBED_FOUND__ \
        && __has_embed("../../.build/deps/swagger-ui/LICENSE") == __STDC_EMBED_FOUND__)

#if SWAGGER_UI_IS_HERE

#define EMBEDDED(name) \
    EmbeddedFile embedded_##name(void) { return (EmbeddedFile){name, sizeof name}; }

static const unsigned char swagger_ui_js_gz[] = {
#embed "../../.build/deps/swagger-ui/swagger-ui.js.gz"
};
static const unsigned char swagger_ui_css_gz[] = {
#embed "../../.build/deps/swagger-ui/swagger-ui.css.gz"
};
static const unsigned char swagger_ui_license[] = {
#embed "../../.build/deps/swagger-ui/LICENSE"
};

#else

#define EMBEDDED(name) \
    EmbeddedFile embedded_##name(void) { return (EmbeddedFile){0, 0}; }

#endif

EMBEDDED(swagger_ui_js_gz)
EMBEDDED(swagger_ui_css_gz)
EMBEDDED(swagger_ui_license)
