import Ingest
import MarketData
import TickerStore

extension StatusPage {
    // MARK: Sources

    func sources(_ writer: inout HTMLWriter) {
        section("sources", "Sources", &writer) { writer in
            if report.sources.isEmpty {
                writer.markup("<p class=\"empty\">No source is configured.</p>\n")
                return
            }
            writer.markup(
                "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"sources-title\"><table>\n<thead><tr><th scope=\"col\">Source</th>"
            )
            writer.markup(
                "<th scope=\"col\">Last result</th><th scope=\"col\">Newest data</th><th scope=\"col\">Last load</th><th scope=\"col\">Next load</th>"
            )
            writer.markup("<th scope=\"col\">Requests left</th><th scope=\"col\" class=\"number\">Rows</th></tr></thead>\n<tbody>\n")
            for source in report.sources { row(source, &writer) }
            writer.markup("</tbody></table></div>\n")
        }
    }

    private func row(_ source: SourceStatus, _ writer: inout HTMLWriter) {
        let tick = report.schedule.sources.first { $0.name == source.name }
        writer.markup("<tr><th scope=\"row\"><bdi>")
        writer.text(source.name)
        writer.markup("</bdi> ")
        writer.element("span", class: "kind", source.kind)
        writer.markup("</th><td>")
        let outcomes = report.runs.lazy.compactMap { $0.outcomes[source.name] }
        status(outcomes.first { $0 != "nothing" } ?? outcomes.first, &writer)
        writer.markup("</td><td>")
        writer.time(report.prices.newestOfSource[source.name], now: report.now)
        writer.markup("</td><td>")
        writer.time(tick?.lastAttempt, now: report.now)
        writer.markup("</td><td>")
        writer.time(tick?.nextTick, now: report.now)
        writer.markup("</td><td>")
        limits(source, &writer)
        writer.markup("</td>")
        let rows = report.counts.rowsBySource.first { $0.source == source.name }?.rows ?? 0
        writer.element("td", class: "number", DisplayNumber.grouped(rows))
        writer.markup("</tr>\n")
    }

    private func limits(_ source: SourceStatus, _ writer: inout HTMLWriter) {
        guard let quota = source.quotaPerMinute, let left = source.tokensRemaining else {
            return writer.markup("<span class=\"none\">no limit</span>")
        }
        writer.markup("<span class=\"quota\"><meter min=\"0\"")
        writer.attribute("max", "\(quota)")
        writer.attribute("value", "\(left)")
        writer.attribute("aria-label", "\(left) of \(quota) requests a minute left")
        writer.markup("></meter>")
        writer.element("span", "\(left) of \(quota)/min")
        writer.markup("</span>")
        guard let limits = source.limits else { return }
        var notes: [String] = []
        if limits.effectivePerMinute < quota { notes.append("throttled to \(limits.effectivePerMinute)/min") }
        if let wait = limits.waitingUntil { notes.append("waits for \(limits.waitingFor ?? "quota") until \(DisplayTime.minute(wait))") }
        if limits.circuit != "closed" { notes.append("failed often, asked once in a while") }
        if let budget = limits.monthBudget {
            notes.append("\(DisplayNumber.grouped(limits.monthUsed)) of \(DisplayNumber.grouped(budget)) this month")
        }
        if !notes.isEmpty { writer.element("span", class: "note", notes.joined(separator: ", ")) }
    }

    // MARK: Runs

    func runs(_ writer: inout HTMLWriter) {
        section("runs", "Last runs", &writer) { writer in
            if report.runs.isEmpty {
                writer.markup("<p class=\"empty\">No run yet.</p>\n")
                return
            }
            writer.markup(
                "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"runs-title\"><table>\n<thead><tr><th scope=\"col\">Run</th>"
            )
            writer.markup(
                "<th scope=\"col\">Result</th><th scope=\"col\">Began</th><th scope=\"col\">Source</th><th scope=\"col\" class=\"number\">New</th>"
            )
            writer.markup("<th scope=\"col\" class=\"number\">Updated</th><th scope=\"col\" class=\"number\">Skipped</th>")
            writer.markup("<th scope=\"col\" class=\"number\">Quarantined</th><th scope=\"col\" class=\"number\">Took</th></tr></thead>\n<tbody>\n")
            for run in report.runs { row(run, &writer) }
            writer.markup("</tbody></table></div>\n")
        }
    }

    private func row(_ run: RunLine, _ writer: inout HTMLWriter) {
        writer.markup("<tr><th scope=\"row\">")
        writer.link("/runs/" + PercentEncoding.encode(run.id), class: "id", run.id)
        writer.markup("</th><td>")
        status(run.status, &writer)
        if let problem = run.problems.first {
            writer.markup("<span class=\"note problem\"><bdi>")
            writer.text(Self.shortened(problem))
            writer.markup("</bdi></span>")
        }
        writer.markup("</td><td>")
        writer.time(run.startedAt, now: report.now)
        writer.markup("</td><td>")
        writer.text(run.source)
        if !run.trigger.isEmpty {
            writer.markup(" ")
            writer.element("span", class: "kind", run.trigger)
        }
        writer.markup("</td>")
        for count in [run.inserted, run.updated, run.skipped, run.quarantined] {
            writer.element("td", class: count == 0 ? "number zero" : "number", DisplayNumber.grouped(Int(count)))
        }
        writer.element("td", class: "number", run.durationMilliseconds.map { DisplayTime.span($0) } ?? "–")
        writer.markup("</tr>\n")
    }

    /// A word with a mark before it: the colour is never the only difference.
    private func status(_ status: String?, _ writer: inout HTMLWriter) {
        switch status {
        case "success": writer.markup("<span class=\"status good\">success</span>")
        case "partial_success": writer.markup("<span class=\"status partly\">partly</span>")
        case "failed": writer.markup("<span class=\"status failed\">failed</span>")
        case "running": writer.markup("<span class=\"status running\">running</span>")
        case "nothing": writer.markup("<span class=\"status idle\">nothing new</span>")
        case "unfinished": writer.markup("<span class=\"status failed\">unfinished</span>")
        case let other?: writer.element("span", class: "status idle", other)
        case nil: writer.markup("<span class=\"none\">–</span>")
        }
    }

    static func shortened(_ text: String) -> String { text.count > 160 ? text.prefix(159) + "…" : text }

    // MARK: Commands

    func commands(_ writer: inout HTMLWriter) {
        section("commands", "From a terminal", &writer) { writer in
            let commands: [(String, String)] = [
                ("The newest rows of a coin", "curl -s '\(report.address)/data?symbol=BTC&limit=5'"),
                ("How the last run went", "curl -s \(report.address)/runs | jq '.[0]'"),
                ("Load the sources now", "curl -s -X POST -H \"Authorization: Bearer $TOKEN\" \(report.address)/refresh"),
                ("Figures for Prometheus", "curl -s \(report.address)/metrics"),
            ]
            writer.markup("<dl class=\"commands\">")
            for (what, command) in commands {
                writer.element("dt", what)
                writer.element("dd") { $0.element("code", command) }
            }
            writer.markup(
                "</dl>\n<p>All routes with their parameters: <a href=\"/api-docs\">the API's documentation</a>, <a href=\"/openapi.json\">openapi.json</a>.</p>\n"
            )
        }
    }
}
