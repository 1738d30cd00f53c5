package import MarketData

/// What a run over one source would do, as far as was looked: `kasparro preview`.
package struct PreviewReport: Sendable {
    /// A record that would go to quarantine.
    package struct Rejection: Sendable, Equatable {
        package var place: String
        /// Line in a file, index in a page.
        package var position: Int
        package var reasons: [String]
        /// The record's first bytes.
        package var record: String
    }

    package var source: String
    package var kind: String
    /// What was read: a URL with its secrets masked, or a file.
    package var place: String
    package var decisions: [MappingDecision]
    /// Names in the source that give nothing.
    package var unmapped: [String]
    /// Mappings that are not used and want a person's judgement.
    package var candidates: [RunRecord.Mapping]
    /// Records looked at.
    package var records: Int
    /// How many of them would become rows.
    package var good: Int
    package var quarantined: Int
    /// The first rows' lines.
    package var rows: [String]
    package var rejections: [Rejection]
    /// What the run's record would list as errors.
    package var errors: [String]
    /// Whether there may be more than was looked at.
    package var isPartial: Bool
}

extension PreviewReport {
    /// Appends the members to an object that is open.
    package func appendMembers(to writer: inout JSONWriter) {
        writer.member("source", source)
        writer.member("kind", kind)
        writer.member("place", place)
        writer.array("decisions", decisions) { writer, decision in
            writer.beginObject()
            writer.member("field", decision.field)
            writer.member("from", decision.from)
            writer.member("reason", decision.reason.rawValue)
            if let confidence = decision.confidence {
                writer.key("confidence")
                writer.number(literal: Array(RunRecord.Mapping.literal(hundredths: confidence).utf8))
            }
            writer.endObject()
        }
        writer.array("unmapped_fields", unmapped) { $0.string($1) }
        writer.array("quarantined_mappings", candidates) { $1.append(to: &$0) }
        writer.member("records", records)
        writer.member("good", good)
        writer.member("quarantined", quarantined)
        writer.array("rows", rows) { $0.raw(Array($1.utf8)) }
        writer.array("rejections", rejections) { writer, rejection in
            writer.beginObject()
            writer.member("place", rejection.place)
            writer.member("position", rejection.position)
            writer.array("reasons", rejection.reasons) { $0.string($1) }
            writer.member("record", rejection.record)
            writer.endObject()
        }
        writer.array("errors", errors) { $0.string($1) }
        writer.member("partial", isPartial)
    }

    /// From what `appendMembers` wrote; nil when it is something else.
    package init?(_ root: JSONValue) {
        func text(_ name: String) -> String? { root.member(name)?.string }
        func number(_ name: String) -> Int? { root.member(name)?.integer.map { Int($0) } }
        func texts(_ value: JSONValue?) -> [String] { value?.elements.compactMap(\.string) ?? [] }
        guard let source = text("source"), let kind = text("kind"), let place = text("place"), let records = number("records"),
            let good = number("good"), let quarantined = number("quarantined")
        else { return nil }
        self.init(
            source: source,
            kind: kind,
            place: place,
            decisions: root.member("decisions")?.elements.compactMap { decision in
                guard let reason = decision.member("reason")?.string.flatMap({ MappingDecision.Reason(rawValue: $0) }) else { return nil }
                var read = MappingDecision(field: decision.member("field")?.string ?? "", from: decision.member("from")?.string, reason: reason)
                read.confidence = decision.member("confidence").flatMap { RunRecord.Mapping.hundredths($0) }
                return read
            } ?? [],
            unmapped: texts(root.member("unmapped_fields")),
            candidates: root.member("quarantined_mappings")?.elements.compactMap { RunRecord.Mapping($0) } ?? [],
            records: records,
            good: good,
            quarantined: quarantined,
            rows: root.member("rows")?.elements.map { row in row.withRaw { String(decoding: $0.bytes, as: UTF8.self) } } ?? [],
            rejections: root.member("rejections")?.elements.map {
                Rejection(
                    place: $0.member("place")?.string ?? "",
                    position: Int($0.member("position")?.integer ?? 0),
                    reasons: texts($0.member("reasons")),
                    record: $0.member("record")?.string ?? ""
                )
            } ?? [],
            errors: texts(root.member("errors")),
            isPartial: root.member("partial")?.boolValue ?? false
        )
    }
}
