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

// The manual pages, for man(7).
EmbeddedFile embedded_kasparro_1(void);
EmbeddedFile embedded_kasparro_conf_5(void);

/// Settings as environment variables, all of them commented out, for systemd's `EnvironmentFile`.
EmbeddedFile embedded_kasparro_env(void);

/// The licences of what the binary is linked with, compressed with gzip; `collect-licenses.py` collects them before a build.
EmbeddedFile embedded_licenses_txt_gz(void);

// What Prometheus and Grafana need.
EmbeddedFile embedded_kasparro_dashboard_json(void);
EmbeddedFile embedded_kasparro_rules_yml(void);
EmbeddedFile embedded_prometheus_yml(void);

// The unit of systemd.
EmbeddedFile embedded_kasparro_service(void);

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
