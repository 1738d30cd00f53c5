import CAssets
import HTTPAPI

extension BundledFile {
    /// All of them, in the order in which they are listed. This is the one list of what a package has beside the binary and where it goes.
    static let all: [BundledFile] =
        [
            BundledFile("man", "share/man/man1/kasparro.1", "the manual: kasparro asset man | man -l -", embedded_kasparro_1()),
            BundledFile("man-conf", "share/man/man5/kasparro.conf.5", "the manual of the configuration file", embedded_kasparro_conf_5()),
            BundledFile("config", "share/doc/kasparro/examples/kasparro.conf", "a configuration file to start from", content: commentedConfiguration),
            BundledFile("env", "share/doc/kasparro/examples/kasparro.env", "settings as environment variables", embedded_kasparro_env()),
            BundledFile("openapi", "share/kasparro/openapi.json", "the HTTP API as an OpenAPI 3.1 document") {
                OpenAPIRoute.document(version: BuildInformation.version)
            },
            BundledFile("unit", "lib/systemd/system/kasparro.service", "a service of systemd, hardened", embedded_kasparro_service()),
            BundledFile("dashboard", "share/kasparro/kasparro-dashboard.json", "a dashboard for Grafana", embedded_kasparro_dashboard_json()),
            BundledFile("rules", "share/kasparro/kasparro.rules.yml", "recording and alert rules for Prometheus", embedded_kasparro_rules_yml()),
            BundledFile("prometheus", "share/kasparro/prometheus.yml", "a configuration of Prometheus for this server", embedded_prometheus_yml()),
        ] + completions + licenses
}
