import Testing

@Suite struct AlertRuleTests {
    private static let rules = MonitoringFiles.rules
    private static let alerts = rules.filter { $0.kind == "alert" }
    private static let cases = ["", ".hours", ".days"].map {
        MonitoringFiles.text(MonitoringFiles.root + "Tests/Monitoring/kasparro.rules\($0).test.yml")
    }.joined(separator: "\n")
    private static let manual = MonitoringFiles.text(MonitoringFiles.root + "man/kasparro.1")

    @Test(arguments: rules.map(\.name)) func aRuleSelectsTheJobWhereverItSelects(name: String) throws {
        let rule = try #require(Self.rules.first { $0.name == name })
        for selector in try PromQL(rule.expression).selectors {
            #expect(selector.matchers.contains(.init(label: "job", comparison: "=", value: "kasparro")), "\(selector.name)")
        }
    }

    @Test(arguments: rules.filter { $0.kind == "record" }.map(\.name)) func aRecordIsNamedByLevelMetricAndOperations(name: String) {
        let parts = name.split(separator: ":")
        #expect(parts.count == 3 && parts[0].hasPrefix("job_instance"))
    }

    @Test(arguments: alerts.map(\.name)) func anAlertSaysWhenHowBadAndWhatToDo(name: String) throws {
        let alert = try #require(Self.alerts.first { $0.name == name })
        let lines = alert.lines.map { $0.drop { $0 == " " } }
        #expect(name.hasPrefix("Kasparro"))
        for start in ["for: ", "severity: ", "summary: ", "description: "] { #expect(lines.contains { $0.hasPrefix(start) }, "\(start)") }
        #expect(lines.contains { ["severity: critical", "severity: warning", "severity: info"].contains($0) })
        #expect(lines.contains("runbook: man kasparro, section ALERT RULES, \(name)"))
    }

    @Test(arguments: alerts.map(\.name)) func anAlertHasACaseInWhichItFiresAndOneInWhichItIsSilent(name: String) {
        let answers = Self.cases.split(separator: "alertname: \(name)\n").dropFirst().map { $0.drop { $0 == " " } }
        #expect(answers.contains { $0.hasPrefix("exp_alerts:\n") }, "no case in which it fires")
        #expect(answers.contains { $0.hasPrefix("exp_alerts: []") }, "no case in which it is silent")
    }

    @Test(arguments: rules.filter { $0.kind == "record" }.map(\.name)) func aRecordHasACaseWithItsValue(name: String) {
        let answers = Self.cases.split(separator: "expr: \(name)\n").dropFirst().map { $0.drop { $0 == " " } }
        #expect(answers.contains { $0.hasPrefix("exp_samples:\n") })
    }

    @Test func theManualSaysWhatToDoAboutEachAlertAndNoOther() throws {
        let start = try #require(Self.manual.firstRange(of: ".SH ALERT RULES\n"))
        let section = Self.manual[start.upperBound...].split(separator: "\n.SH ", omittingEmptySubsequences: false)[0]
        let described = section.split(separator: "\n").filter { $0.hasPrefix(".B Kasparro") }.map { String($0.dropFirst(3).prefix { $0 != " " }) }
        #expect(described.sorted() == Self.alerts.map(\.name).sorted())
    }
}
