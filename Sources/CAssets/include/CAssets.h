#pragma once
#include <stddef.h>

/// A file that was put into the binary when that was built.
typedef struct {
    const void *start;
    /// 0 where the file was not there.
    size_t length;
} EmbeddedFile;

/// The OpenAPI document; its version is the placeholder `0.0.0`.
EmbeddedFile embedded_openapi_json(void);

// What the pages are made of.
EmbeddedFile embedded_page_css(void);
EmbeddedFile embedded_status_js(void);
EmbeddedFile embedded_api_docs_css(void);
EmbeddedFile embedded_api_docs_js(void);
EmbeddedFile embedded_icon_svg(void);

// Swagger UI, compressed with gzip, and its licence. They are all there or none is: `fetch-swagger-ui.sh` fetches them before a build.
EmbeddedFile embedded_swagger_ui_js_gz(void);
EmbeddedFile embedded_swagger_ui_css_gz(void);
EmbeddedFile embedded_swagger_ui_license(void);
