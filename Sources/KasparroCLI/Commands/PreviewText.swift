import Ingest

/// A preview as a person reads it.
struct PreviewText {
    let report: PreviewReport
    /// The options that a run needs to see the same source.
    let options: [String]

    var text: String {
        var lines = ["\(report.source) (\(report.kind))  \(report.place)", ""]
        lines += report.errors.map { "problem: \($0)" }
        if report.records > 0 { lines.append(counts) }
        if !report.decisions.isEmpty { lines += [""] + decisions }
        for candidate in report.candidates {
            let confidence = RunRecord.Mapping.literal(hundredths: candidate.confidence)
            lines.append(
                "\(shown(candidate.from)) may be \(candidate.to) (\(confidence)), and is not used: \(shown(candidate.reasons.joined(separator: "; ")))"
            )
            lines.append("  to use it: kasparro mappings approve \(candidate.source) \(shown(shellQuoted("\(candidate.from)=\(candidate.to)")))")
        }
        if !report.unmapped.isEmpty { lines.append("not used: " + shortened(report.unmapped.map(shown))) }
        if !report.rows.isEmpty { lines += ["", "the first rows:"] + report.rows.map { "  " + $0 } }
        if !report.rejections.isEmpty {
            lines += ["", "the first that would go to quarantine:"]
            lines += report.rejections.map { "  \(recordPlace($0.place, $0.position)): \($0.reasons.joined(separator: ", "))\n    \($0.record)" }
        }
        lines += [
            "",
            "Nothing was stored."
                + (report.good > 0 ? " To load it: \((["kasparro run --source \(report.source)"] + options).joined(separator: " "))" : ""),
        ]
        return lines.joined(separator: "\n")
    }

    private var counts: String {
        var text = count(report.records, "record") + (report.isPartial ? " looked at" : " in all")
        text += ": \(report.good) would become rows"
        if report.quarantined > 0 { text += ", \(report.quarantined) would go to quarantine" }
        return text
    }

    /// A table of three columns.
    private var decisions: [String] {
        let table = [["our field", "from", "why"]] + report.decisions.map { [$0.field, $0.from.map(shown) ?? "–", Self.reason($0)] }
        let widths = (0..<2).map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { row in
            "  " + padded(row[0], widths[0]) + "  " + padded(row[1], widths[1]) + "  " + row[2]
        }
    }

    private static func reason(_ decision: MappingDecision) -> String {
        guard let confidence = decision.confidence else { return decision.reason.rawValue }
        return "\(decision.reason.rawValue), \(RunRecord.Mapping.literal(hundredths: confidence))"
    }

    private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

    /// A stranger's text, harmless for a terminal.
    private func shown(_ text: String) -> String { TerminalText.line(Array(text.utf8)) }

    private func shortened(_ names: [String]) -> String {
        names.count <= 20 ? names.joined(separator: ", ") : names.prefix(20).joined(separator: ", ") + " and \(names.count - 20) more"
    }
}
