/// A rule that dashboards keep. Those that end in `-rule` are the public dashboard-linter's (https://github.com/grafana/dashboard-linter), under its
/// names; its rules for Loki have nothing to look at here.
struct DashboardRule: Sendable {
    let name: String
    /// What is wrong, each in a sentence.
    let check: @Sendable (GrafanaDashboard) -> [String]

    init(_ name: String, _ check: @escaping @Sendable (GrafanaDashboard) -> [String]) { (self.name, self.check) = (name, check) }

    static let all = variables + panels + targets + dashboard

    // MARK: Variables

    private static let variables = [
        DashboardRule("template-datasource-rule") { dashboard in
            let sources = dashboard.variables.filter { $0.type == "datasource" }
            guard sources.count == 1 else { return ["there are \(sources.count) variables for data sources, not one"] }
            return sources[0].name == "datasource" && sources[0].label == "Data source" && sources[0].query == "prometheus"
                ? [] : ["the variable must be datasource, labelled Data source, of prometheus: \(sources[0])"]
        },
        DashboardRule("template-job-rule") { template("job", "Job", in: $0) },
        DashboardRule("template-instance-rule") { template("instance", "Instance", in: $0) },
        DashboardRule("template-label-promql-rule") { dashboard in
            dashboard.variables.filter { $0.type == "query" }.compactMap { variable in
                guard variable.query.hasPrefix("label_values("), variable.query.hasSuffix(")"), let comma = variable.query.lastIndex(of: ",") else {
                    return "\(variable.name): \(variable.query) is no label_values(metric, label)"
                }
                let metric = variable.query[..<comma].dropFirst("label_values(".count)
                return (try? PromQL(String(metric))) == nil ? "\(variable.name): \(metric) is no PromQL" : nil
            }
        },
        DashboardRule("template-on-time-change-reload-rule") { dashboard in
            dashboard.variables.filter { $0.type == "query" && $0.refresh != 2 }.map { "\($0.name) is not read anew when the time changes" }
        },
    ]

    private static func template(_ name: String, _ label: String, in dashboard: GrafanaDashboard) -> [String] {
        guard let variable = dashboard.variables.first(where: { $0.name == name }) else { return ["there is no variable \(name)"] }
        var wrong: [String] = []
        if variable.type != "query" { wrong.append("\(name) is no query") }
        if !usesVariable(variable.datasource) { wrong.append("\(name) asks \(variable.datasource ?? "nobody") and not $datasource") }
        if variable.label != label { wrong.append("\(name) is labelled \(variable.label) and not \(label)") }
        if !variable.isMulti { wrong.append("of \(name) only one can be chosen") }
        if variable.allValue != ".+" { wrong.append("all of \(name) is \(variable.allValue ?? "nothing") and not .+") }
        return wrong
    }

    private static func usesVariable(_ datasource: String?) -> Bool { datasource == "$datasource" || datasource == "${datasource}" }

    // MARK: Panels

    private static let panels = [
        DashboardRule("panel-datasource-rule") { dashboard in
            dashboard.figures.filter { !usesVariable($0.datasource) || !$0.targets.allSatisfy { usesVariable($0.datasource) } }
                .map { "\($0.title) does not ask $datasource" }
        },
        DashboardRule("panel-title-description-rule") { dashboard in
            dashboard.panels.filter { $0.title.isEmpty || ($0.type != "row" && $0.description.isEmpty) }
                .map { "panel \($0.id) has no title or no description: \($0.title)" }
        },
        DashboardRule("panel-units-rule") { dashboard in
            dashboard.figures.filter { !units.contains($0.unit) }.map { "\($0.title) has a unit that Grafana does not know: \($0.unit)" }
        },
        DashboardRule("panel-no-targets-rule") { dashboard in
            dashboard.figures.filter(\.targets.isEmpty).map { "\($0.title) asks nothing" }
        },
    ]

    /// Of Grafana's value formats those that a server's dashboard may need.
    private static let units: Set = [
        "none", "string", "short", "percent", "percentunit", "bytes", "decbytes", "Bps", "binBps", "s", "ms", "µs", "ns", "m", "h", "d",
        "dtdurations",
        "cps", "ops", "reqps", "rps", "wps", "iops", "cpm", "opm", "rpm", "wpm", "bool", "bool_yes_no", "bool_on_off", "dateTimeAsIso",
        "dateTimeFromNow",
    ]

    // MARK: Targets

    private static let targets = [
        DashboardRule("target-promql-rule") { dashboard in
            dashboard.expressions.compactMap { place, text in
                do {
                    return try PromQL(text).selectors.isEmpty ? "\(place): \(text) asks for no metric" : nil
                } catch {
                    return "\(place): \(text): \(error)"
                }
            }
        },
        DashboardRule("target-job-rule") { wrongSelectors(of: $0) { !has("job", $0) ? "has no job=~\"$job\"" : nil } },
        DashboardRule("target-instance-rule") { wrongSelectors(of: $0) { !has("instance", $0) ? "has no instance=~\"$instance\"" : nil } },
        DashboardRule("target-rate-interval-rule") {
            wrongSelectors(of: $0) { selector in
                guard let range = selector.range, ["rate", "irate"].contains(selector.calls.last?.name) else { return nil }
                return range == "$__rate_interval" ? nil : "is a rate over [\(range)] and not over [$__rate_interval]"
            }
        },
        DashboardRule("target-counter-agg-rule") {
            wrongSelectors(of: $0) { selector in
                let isCounter = ["_total", "_count", "_sum", "_bucket"].contains { selector.name.hasSuffix($0) }
                return isCounter && !["rate", "irate", "increase"].contains(selector.calls.last?.name)
                    ? "is a counter outside of rate and increase" : nil
            }
        },
        DashboardRule("target-histogram-rule") {
            wrongSelectors(of: $0) { selector in
                guard selector.name.hasSuffix("_bucket") else { return nil }
                let names = selector.calls.map(\.name)
                guard names.contains("histogram_quantile") else { return "is a bucket outside of histogram_quantile" }
                let isSummed = selector.calls.contains { $0.name == "sum" && $0.by?.contains("le") == true }
                return isSummed && names.last == "rate" ? nil : "is not summed by le over a rate"
            }
        },
    ]

    private static func wrongSelectors(of dashboard: GrafanaDashboard, _ complaint: (PromQL.Selector) -> String?) -> [String] {
        dashboard.expressions.flatMap { place, text in
            ((try? PromQL(text))?.selectors ?? []).compactMap { selector in complaint(selector).map { "\(place): \(selector.name) \($0)" } }
        }
    }

    private static func has(_ label: String, _ selector: PromQL.Selector) -> Bool {
        selector.matchers.contains(.init(label: label, comparison: "=~", value: "$" + label))
    }

    // MARK: The whole

    private static let dashboard = [
        DashboardRule("uneditable-dashboard-rule") { $0.isEditable == false ? [] : ["it can be edited where it is provisioned"] },
        // Import asks for them; a file that is provisioned with them has no data source. The API's envelope is not provisioned either.
        DashboardRule("import-and-provisioning") { dashboard in
            dashboard.hasInputs || !dashboard.idIsNull || dashboard.uid != "kasparro-overview" || dashboard.title.isEmpty
                ? ["no __inputs, no envelope, id null, a title, the uid that links have: \(dashboard.uid)"] : []
        },
        DashboardRule("schema-version") { $0.schemaVersion >= 39 ? [] : ["version \($0.schemaVersion) is older than Grafana 10.4"] },
        DashboardRule("panel-types") { dashboard in
            let known: Set = [
                "row", "stat", "timeseries", "table", "bargauge", "gauge", "state-timeline", "text", "barchart", "histogram", "heatmap",
            ]
            return dashboard.panels.filter { !known.contains($0.type) }.map {
                "\($0.title) is a \($0.type), which Grafana has no longer or not by itself"
            }
        },
        DashboardRule("panel-places") { dashboard in
            let outside = dashboard.panels.filter {
                $0.place.x < 0 || $0.place.y < 0 || $0.place.width < 1 || $0.place.height < 1 || $0.place.x + $0.place.width > 24
            }
            let pairs = dashboard.panels.enumerated().flatMap { index, one in dashboard.panels[(index + 1)...].map { (one, $0) } }
            return outside.map { "\($0.title) lies outside of the 24 columns" }
                + pairs.filter { overlap($0.place, $1.place) }.map { "\($0.title) lies over \($1.title)" }
        },
        DashboardRule("unique-ids") { dashboard in
            repeated(dashboard.panels.map { "panel \($0.id)" }) + repeated(dashboard.figures.map { "title \($0.title)" })
                + dashboard.figures.flatMap { panel in repeated(panel.targets.map { "\(panel.title): target \($0.refID)" }) }
        },
        DashboardRule("legends") { dashboard in
            dashboard.figures.filter { !$0.targets.allSatisfy { !$0.legend.isEmpty } }.map { "\($0.title) has a line without a name" }
        },
        // `$__rate_interval` is longer than a step, so each event is in several points.
        DashboardRule("no-sums-of-increases") { dashboard in
            dashboard.figures.filter { panel in
                panel.legendFigures.contains("sum") && panel.targets.contains { $0.expression.contains("[$__rate_interval]") }
            }.map { "\($0.title) adds up what overlaps" }
        },
        DashboardRule("ages-instead-of-times") {
            wrongTimes(of: $0)
        },
    ]

    /// A point in time is shown as how long ago it was, and not at all where it is 0, which means never. Whether it is 0 may be shown.
    private static func wrongTimes(of dashboard: GrafanaDashboard) -> [String] {
        dashboard.expressions.filter { _, text in
            text.contains("_timestamp_seconds{") && !(text.contains("time()") && text.contains("> 0)")) && !text.contains("== bool 0)")
        }.map { place, _ in "\(place) shows a point in time, or 1970 where there is none" }
    }

    private static func overlap(_ one: GrafanaDashboard.Place, _ other: GrafanaDashboard.Place) -> Bool {
        one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height
    }

    private static func repeated(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { !seen.insert($0).inserted }.map { "\($0) is there twice" }
    }
}
