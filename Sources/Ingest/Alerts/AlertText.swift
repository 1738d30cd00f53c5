import MarketData

/// How an alert reads, as a mail and as JSON.
struct AlertText {
    let alert: Alert
    let context: AlertContext

    /// Columns of a mail.
    private static let width = 76

    private var source: String { alert.source ?? "" }
    private var lasted: String { alert.lasted }
    private var times: String { alert.times }

    var subject: String { "kasparro on \(context.host): \(alert.headline)" }

    /// One or two sentences.
    var summary: String {
        switch alert.event {
        case .sourceFailing:
            "The source \(source) failed, in whole or in part, \(times) in a row. Its rows are not up to date; other sources are loaded as usual."
        case .sourceRecovered: "The source \(source) has been loaded without an error. Before that it failed \(times) in a row, for \(lasted)."
        case .diskLow: "The disk with the data directory is getting full. Rows are still taken."
        case .diskRecovered: "The disk with the data directory has room again. It was low for \(lasted)."
        case .storeReadOnly: "The store takes no rows, so no source is loaded. What it holds is safe and is still served."
        case .storeRecovered: "The store takes rows again. It took none for \(lasted)."
        case .test: "This is a test: alerts of kasparro arrive here. Nothing is wrong."
        }
    }

    /// What the reader may wait for.
    private var outlook: String? {
        switch alert.event {
        case .sourceFailing: "It is tried again with every run. The next message about it comes when it has been loaded, and none before."
        case .diskLow:
            "Make room, or move the data directory to a larger disk. The next message comes when the store has to stop, or when there is room."
        case .storeReadOnly: "It goes on by itself when the cause is gone, and after a restart where the log says so."
        case .sourceRecovered, .diskRecovered, .storeRecovered, .test: nil
        }
    }

    private var facts: [(name: String, value: String)] {
        if alert.event == .test { return [] }
        let isOver = alert.event.beginning != nil
        var facts = [("since", Self.toTheSecond(alert.since))]
        if isOver { facts.append(("until", Self.toTheSecond(alert.at))) }
        if let runID = alert.recoveringRunID { facts.append(("run", runID)) }
        if alert.attempts > 0 { facts.append(("attempts", "\(alert.attempts)")) }
        if let runID = alert.runID { facts.append((isOver ? "last failed run" : "last run", runID)) }
        facts.append((isOver ? "last cause" : "cause", alert.cause))
        return facts
    }

    /// What to type next.
    private var commands: [String] {
        let options = context.options.isEmpty ? "" : " " + context.options
        var commands = ["kasparro status\(options)"]
        switch alert.event {
        case .sourceFailing:
            if let url = context.url, let runID = alert.runID { commands.append("curl -s \(url)/runs/\(runID) | jq '.errors'") }
            commands.append("kasparro preview \(source)\(options)")
        case .diskLow, .storeReadOnly:
            if let url = context.url { commands.append("curl -s \(url)/stats | jq '.store'") }
            commands.append("kasparro compact\(options)")
        case .sourceRecovered:
            if let url = context.url { commands.append("curl -s '\(url)/data?source=\(source)&limit=5'") }
        case .diskRecovered, .storeRecovered, .test: break
        }
        return commands
    }

    /// The text of a mail, lines ended by LF.
    var body: String {
        var lines = Self.wrapped(summary)
        let facts = facts
        let indent = (facts.map(\.name.count).max() ?? 0) + 3
        if !facts.isEmpty { lines.append("") }
        for (name, value) in facts {
            let values = Self.wrapped(MailMessage.clean(value), width: Self.width - indent)
            let label = name + ":" + String(repeating: " ", count: indent - name.count - 1)
            lines += values.enumerated().map { ($0 == 0 ? label : String(repeating: " ", count: indent)) + $1 }
        }
        if let outlook { lines += [""] + Self.wrapped(outlook) }
        lines += ["", alert.event.beginning == nil ? "To look into it, on \(context.host):" : "To see how it is, on \(context.host):", ""]
        lines += commands.map { "    " + $0 }
        return lines.joined(separator: "\n")
    }

    func mail(to email: AlertSettings.Email) -> MailMessage {
        let domain = email.sender.split(separator: "@").last.map(String.init) ?? "localhost"
        func id(_ event: Alert.Event) -> String {
            let parts = ["kasparro", event.rawValue, source, String(alert.since.milliseconds), context.host]
            return parts.filter { !$0.isEmpty }.joined(separator: ".") + "@" + domain
        }
        return MailMessage(
            sender: email.sender,
            recipients: email.recipients,
            subject: subject,
            body: body,
            date: alert.at,
            id: id(alert.event),
            reference: alert.event.beginning.map(id)
        )
    }

    /// For a webhook. `text` is what Slack, Mattermost and their like show.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("event", alert.event.rawValue)
        writer.member("source", alert.source)
        writer.member("message", summary)
        writer.member("cause", alert.cause)
        writer.member("since", alert.since.description)
        writer.member("at", alert.at.description)
        writer.member("duration_ms", alert.event.beginning == nil ? nil : alert.durationMilliseconds)
        writer.member("run_id", alert.recoveringRunID ?? alert.runID)
        writer.member("attempts", alert.attempts)
        writer.member("host", context.host)
        writer.member("text", alert.event == .test ? subject : "\(subject)\n\(alert.event.beginning == nil ? "cause" : "last cause"): \(alert.cause)")
        writer.endObject()
        return writer.bytes
    }

    private static func toTheSecond(_ time: Timestamp) -> String { Timestamp(milliseconds: time.milliseconds / 1_000 * 1_000).description }

    /// Lines of at most so many characters, broken at blanks; a word that is longer stays whole.
    private static func wrapped(_ text: String, width: Int = width) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.isEmpty ? [""] : lines
    }
}

extension Alert {
    fileprivate var lasted: String { DurationText.short(durationMilliseconds) }
    fileprivate var times: String { "\(attempts) time\(attempts == 1 ? "" : "s")" }

    /// What happened, in a few words.
    var headline: String {
        switch event {
        case .sourceFailing: "\(source ?? "") failed \(times) in a row"
        case .sourceRecovered: "\(source ?? "") loads again after \(lasted)"
        case .diskLow: "the disk is getting full"
        case .diskRecovered: "the disk has room again after \(lasted)"
        case .storeReadOnly: "the store takes no rows"
        case .storeRecovered: "the store takes rows again after \(lasted)"
        case .test: "a test, nothing is wrong"
        }
    }
}
