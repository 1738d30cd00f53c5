import Ingest
import MarketData
import NIOCore
import TickerStore

/// The status page as HTML: pure, from a report.
///
/// Each `<section>` has an id: the script takes those that have changed from a newly fetched page, so nothing is drawn in two places.
struct StatusPage: Sendable {
    let report: StatusReport

    /// The page.
    func render() -> ByteBuffer {
        PageFrame.page(
            title: report.reasons.isEmpty ? "kasparro" : "kasparro: degraded",
            styles: [.pageStyle],
            scripts: [.statusScript],
            head: { $0.markup("<noscript><meta http-equiv=\"refresh\" content=\"60\"></noscript>\n") },
            body: { writer in
                PageFrame.header(&writer, version: report.version, current: "/")
                writer.markup("<main>\n<h1 class=\"hidden\">Status of kasparro</h1>\n")
                state(&writer)
                figures(&writer)
                prices(&writer)
                sources(&writer)
                runs(&writer)
                commands(&writer)
                writer.markup("</main>\n<footer><p>")
                writer.markup("Rendered on the server ")
                writer.element("span", class: "stamp", DisplayTime.minute(report.now))
                writer.markup(". Numbers are rounded for reading; <a href=\"/api-docs\">the API</a> has every digit.</p></footer>\n")
            }
        )
    }

    func section(_ id: StaticString, _ title: StaticString, _ writer: inout HTMLWriter, _ content: (inout HTMLWriter) -> Void) {
        writer.markup("<section id=\"")
        writer.markup(id)
        writer.markup("\" aria-labelledby=\"")
        writer.markup(id)
        writer.markup("-title\"><h2 id=\"")
        writer.markup(id)
        writer.markup("-title\">")
        writer.markup(title)
        writer.markup("</h2>\n")
        content(&writer)
        writer.markup("</section>\n")
    }

    // MARK: State

    private func state(_ writer: inout HTMLWriter) {
        let reasons = report.reasons + report.alerts.firing.map(sentence) + report.alerts.channels.filter(\.isFailing).map(sentence)
        writer.markup("<section id=\"state\" aria-label=\"State\"><div class=\"state\">")
        writer.element("p", class: reasons.isEmpty ? "health ok" : "health bad", headline)
        if let run = report.statistics.runInProgress {
            writer.markup("<p class=\"badge live\">Run ")
            writer.link("/runs/" + PercentEncoding.encode(run), run)
            writer.markup(" goes on</p>")
        }
        if report.sampleData {
            writer.markup("<p class=\"badge\" title=\"This store was filled with the file that comes with the program.\">Sample data</p>")
        }
        if let fault = report.fault { writer.element("p", class: "badge warn", "Fault switch \(fault)") }
        writer.markup("<p class=\"badge quiet\" id=\"live\" hidden></p></div>\n")
        if !reasons.isEmpty {
            writer.markup("<ul class=\"reasons\">")
            for reason in reasons { writer.element("li", reason) }
            writer.markup("</ul>\n")
        }
        writer.markup("</section>\n")
    }

    private var headline: String {
        if !report.reasons.isEmpty { return "Degraded" }
        switch report.alerts.firing.count {
        case 0: return report.alerts.state == .failing ? "Alerts do not go out" : "All is well"
        case 1: return "An alert is firing"
        case let count: return "\(count) alerts are firing"
        }
    }

    private func sentence(_ alert: AlertStatus.Firing) -> String {
        Self.shortened("Alert: \(alert.summary), since \(DisplayTime.minute(alert.since)): \(alert.cause)")
    }

    /// What a mail server says may name addresses; the page is for anybody who may open it.
    private func sentence(_ channel: AlertStatus.Channel) -> String {
        let since = channel.lastFailed.map { " at \(DisplayTime.minute($0))" } ?? ""
        return "What was to go out by \(channel.name) did not\(since). kasparro status and the server's log tell why."
    }

    // MARK: Figures

    private func figures(_ writer: inout HTMLWriter) {
        writer.markup("<section id=\"figures\" aria-label=\"Figures\"><dl class=\"figures\">")
        let counts = report.counts
        figure("Rows", DisplayNumber.grouped(counts.rows), "of \(DisplayNumber.grouped(report.store.series)) series", &writer)
        figure("Duplicates prevented", DisplayNumber.grouped(report.statistics.totalDuplicatePrevention), "since the beginning", &writer)
        figure(
            "In quarantine",
            DisplayNumber.grouped(counts.quarantined),
            counts.quarantined == 0 ? "no record waits" : "records wait",
            warns: counts.quarantined > 0,
            &writer
        )
        figure("On disk", DisplayNumber.bytes(report.store.bytes), disk, warns: report.store.refusal != nil, &writer)
        figure(
            "Mean run",
            report.statistics.latencyAverageMilliseconds.map { DisplayTime.span(Int64($0)) } ?? "–",
            failures,
            warns: report.statistics.failedBatches > 0,
            &writer
        )
        figure("Up for", DisplayTime.span(report.uptimeMilliseconds), next, &writer)
        writer.markup("</dl></section>\n")
    }

    private func figure(_ name: StaticString, _ value: String, _ note: String, warns: Bool = false, _ writer: inout HTMLWriter) {
        writer.markup(warns ? "<div class=\"warn\"><dt>" : "<div><dt>")
        writer.markup(name)
        writer.markup("</dt>")
        writer.element("dd", class: "value", value)
        writer.element("dd", class: "note", note)
        writer.markup("</div>")
    }

    private var disk: String {
        report.store.refusal != nil
            ? "read-only" : report.store.freeBytes > 0 ? "\(DisplayNumber.bytes(report.store.freeBytes)) free" : "write-ahead log and segments"
    }

    private var failures: String {
        let statistics = report.statistics
        if statistics.batches == 0 { return "none has ended yet" }
        return statistics.failedBatches == 0 ? "no failed batch lately" : "\(statistics.failedBatches) of \(statistics.batches) batches failed"
    }

    private var next: String {
        switch report.schedule.state {
        case .disabled: "schedule off"
        case .idle: "no source to load"
        case .stalled: "schedule stalled"
        case .ok: report.schedule.nextTick.map { "next run \(DisplayTime.relative($0, to: report.now))" } ?? "schedule on"
        }
    }

    // MARK: Prices

    private func prices(_ writer: inout HTMLWriter) {
        section("prices", "Newest prices", &writer) { writer in
            if report.prices.series.isEmpty {
                writer.markup("<p class=\"empty\">There is no row yet. The first run brings some.</p>\n")
                return
            }
            writer.markup("<ul class=\"prices\">\n")
            for series in report.prices.series { price(series, &writer) }
            writer.markup("</ul>\n")
        }
    }

    private func price(_ series: SeriesPrices, _ writer: inout HTMLWriter) {
        let newest = series.newest
        let change = PriceChange(series)
        writer.markup("<li class=\"card ")
        writer.markup(change.direction)
        writer.markup("\"><div class=\"coin\"><a")
        writer.attribute(
            "href",
            "/data?symbol=\(PercentEncoding.encode(CommaList.element(series.symbol)))&source="
                + "\(PercentEncoding.encode(CommaList.element(series.source)))&limit=\(NewestPrices.quotes)"
        )
        writer.markup("><bdi>")
        writer.text(series.symbol)
        writer.markup("</bdi></a>")
        if series.name != series.symbol {
            writer.markup("<bdi class=\"name\">")
            writer.text(series.name)
            writer.markup("</bdi>")
        }
        writer.markup("</div><div class=\"quote\"><data class=\"price\"")
        writer.attribute("value", newest.price)
        writer.attribute("title", "\(newest.price) US dollars")
        writer.markup(">")
        writer.text("$" + DisplayNumber.price(newest.price))
        writer.markup("</data>")
        if let text = change.text {
            writer.markup("<span class=\"change\"")
            writer.attribute("title", change.explanation)
            writer.markup(">")
            writer.text(text)
            writer.markup("</span>")
        }
        writer.markup("</div>")
        Sparkline(values: series.quotes.compactMap { Double($0.price) }, description: change.shape).append(to: &writer)
        writer.markup("<div class=\"small\"><span>")
        writer.text(newest.marketCap.map { "Cap $" + DisplayNumber.short($0) } ?? newest.volume.map { "Vol $" + DisplayNumber.short($0) } ?? "")
        writer.markup("</span><span><bdi>")
        writer.text(series.source)
        writer.markup("</bdi> · ")
        writer.time(newest.time, now: report.now)
        writer.markup("</span></div></li>\n")
    }
}
