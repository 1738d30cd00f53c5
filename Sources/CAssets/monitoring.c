// What Prometheus and Grafana need, from `files/monitoring/`.

#include "CAssets.h"

#define EMBEDDED(name) \
    EmbeddedFile embedded_##name(void) { return (EmbeddedFile){name, sizeof name}; }

static const unsigned char kasparro_dashboard_json[] = {
#embed "files/monitoring/kasparro-dashboard.json"
};
EMBEDDED(kasparro_dashboard_json)

static const unsigned char kasparro_rules_yml[] = {
#embed "files/monitoring/kasparro.rules.yml"
};
EMBEDDED(kasparro_rules_yml)

static const unsigned char prometheus_yml[] = {
#embed "files/monitoring/prometheus.yml"
};
EMBEDDED(prometheus_yml)
