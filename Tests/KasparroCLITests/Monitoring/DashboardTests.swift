import Testing

@Suite struct DashboardTests {
    @Test(arguments: DashboardRule.all.map(\.name)) func theDashboardKeepsTheRule(name: String) throws {
        let rule = try #require(DashboardRule.all.first { $0.name == name })
        #expect(rule.check(.own) == [])
    }

    @Test func eachRuleIsProvenByADashboardThatBreaksIt() {
        #expect(Set(Self.offences.map(\.rule)) == Set(DashboardRule.all.map(\.name)))
    }

    @Test(arguments: offences.indices) func aDashboardThatBreaksTheRuleIsFound(index: Int) throws {
        let offence = Self.offences[index]
        let rule = try #require(DashboardRule.all.first { $0.name == offence.rule })
        var dashboard = GrafanaDashboard.own
        offence.change(&dashboard)
        #expect(!rule.check(dashboard).isEmpty, "\(offence.rule) finds nothing wrong")
    }

    @Test(arguments: [
        "ETL Rows Processed", "Processing Rate", "Error Count", "ETL Latency", "Rate Limiting Events", "Token Bucket Status", "Outliers Detected",
        "API Response Time",
    ])
    func aPanelOfTheFirstDashboardIsThere(title: String) { #expect(GrafanaDashboard.own.figures.contains { $0.title == title }) }

    @Test func itsRowsAreThoseOfTheProgram() {
        let rows = GrafanaDashboard.own.panels.filter { $0.type == "row" }.map(\.title)
        #expect(rows == ["Overview", "Freshness", "Runs", "Quality", "Upstreams", "API", "Store", "Process"])
    }

    @Test func anExpressionIsReadWithWhatIsAroundIt() throws {
        let expression = try PromQL(#"histogram_quantile(0.95, sum(rate(a_bucket{job=~"$job"}[5m])) by (le)) > 0 and on (job) b{} == 1"#)
        #expect(expression.selectors.map(\.name) == ["a_bucket", "b"])
        let bucket = expression.selectors[0]
        #expect(bucket.range == "5m" && bucket.matchers == [.init(label: "job", comparison: "=~", value: "$job")])
        #expect(bucket.calls == [.init(name: "histogram_quantile"), .init(name: "sum", by: ["le"]), .init(name: "rate")])
    }

    @Test(arguments: ["sum(", "rate(a[5m]", "a b", "a +", "nosuch(a)", "a{job}", "a[5m", "sum by le (a)", ")", ""]) func whatIsNoExpressionIsRefused(
        text: String
    ) {
        #expect(throws: PromQL.SyntaxError.self) { try PromQL(text) }
    }

    // MARK: Dashboards that break a rule

    struct Offence: Sendable {
        let rule: String
        let change: @Sendable (inout GrafanaDashboard) -> Void

        init(_ rule: String, _ change: @escaping @Sendable (inout GrafanaDashboard) -> Void) { (self.rule, self.change) = (rule, change) }
    }

    static let offences = variableOffences + panelOffences + targetOffences + wholeOffences

    private static let variableOffences = [
        Offence("template-datasource-rule") { $0.variables.removeAll { $0.type == "datasource" } },
        Offence("template-datasource-rule") { $0.variables[0].name = "DS_PROMETHEUS" },
        Offence("template-job-rule") { $0.variables.removeAll { $0.name == "job" } },
        Offence("template-job-rule") { $0.variables[1].allValue = nil },
        Offence("template-job-rule") { $0.variables[1].datasource = "prometheus" },
        Offence("template-instance-rule") { $0.variables[2].isMulti = false },
        Offence("template-instance-rule") { $0.variables[2].label = "instance" },
        Offence("template-label-promql-rule") { $0.variables[1].query = "values(kasparro_build_info)" },
        Offence("template-label-promql-rule") { $0.variables[1].query = "label_values(kasparro_build_info{, job)" },
        Offence("template-on-time-change-reload-rule") { $0.variables[1].refresh = 1 },
    ]
    private static let panelOffences = [
        Offence("panel-datasource-rule") { $0.panels[1].datasource = "prometheus" },
        Offence("panel-datasource-rule") { $0.panels[1].targets[0].datasource = nil },
        Offence("panel-title-description-rule") { $0.panels[1].description = "" },
        Offence("panel-units-rule") { $0.panels[1].unit = "rows" },
        Offence("panel-units-rule") { $0.panels[1].unit = "" },
        Offence("panel-no-targets-rule") { $0.panels[1].targets = [] },
    ]
    private static let targetOffences = [
        Offence("target-promql-rule") { $0.panels[1].targets[0].expression += ")" },
        Offence("target-promql-rule") { $0.annotations[0] = "" },
        ask("target-job-rule", #"up{instance=~"$instance"}"#),
        ask("target-job-rule", #"up{job="kasparro",instance=~"$instance"}"#),
        ask("target-instance-rule", #"up{job=~"$job"}"#),
        ask("target-rate-interval-rule", "rate(a_total{}[5m])"),
        ask("target-counter-agg-rule", "sum(etl_rows_processed_total{})"),
        ask("target-counter-agg-rule", "a_count{}"),
        ask("target-histogram-rule", "histogram_quantile(0.95, etl_latency_seconds_bucket{})"),
        ask("target-histogram-rule", "histogram_quantile(0.95, sum(rate(etl_latency_seconds_bucket{}[$__rate_interval])))"),
        ask("target-histogram-rule", "rate(etl_latency_seconds_bucket{}[$__rate_interval])"),
        ask("ages-instead-of-times", "kasparro_last_backup_timestamp_seconds{}"),
        ask("ages-instead-of-times", "time() - kasparro_last_backup_timestamp_seconds{}"),
    ]
    private static let wholeOffences = [
        Offence("uneditable-dashboard-rule") { $0.isEditable = nil },
        Offence("import-and-provisioning") { $0.hasInputs = true },
        Offence("import-and-provisioning") { $0.uid = "" },
        Offence("schema-version") { $0.schemaVersion = 16 },
        Offence("panel-types") { $0.panels[1].type = "graph" },
        Offence("panel-places") { $0.panels[2].place = $0.panels[1].place },
        Offence("panel-places") { $0.panels[2].place.x = 23 },
        Offence("unique-ids") { $0.panels[2].id = $0.panels[1].id },
        Offence("no-sums-of-increases") {
            $0.panels[1].legendFigures = ["sum"]
            $0.panels[1].targets[0].expression = #"sum(increase(etl_errors_total{job=~"$job",instance=~"$instance"}[$__rate_interval]))"#
        },
        Offence("legends") { $0.panels[1].targets[0].legend = "" },
    ]

    /// The first panel asks something else.
    private static func ask(_ rule: String, _ expression: String) -> Offence {
        Offence(rule) { $0.panels[1].targets[0].expression = expression }
    }
}
