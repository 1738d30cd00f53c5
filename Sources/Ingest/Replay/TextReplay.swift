import MarketData
import TickerStore

/// Tries records of a feed again: each is an object of its texts by their paths.
struct TextReplay {
    let name: String
    let source: FeedSource
    let mode: SourceDefinition.SchemaMode
    let run: ActiveRun

    /// - Parameter records: of one document.
    func load(_ records: [WaitingRecord], _ waiting: WaitingRecords) -> SourceOutcome {
        var intake = RecordIntake(name: name, place: records[0].place, fetchedAt: records[0].recordedAt, format: source.format, run: run)
        intake.waiting = waiting
        let objects = records.map { try? JSONDocument(parsing: $0.content).root }
        var sample = TextSample()
        for object in objects.lazy.compactMap({ $0 }) where !sample.isFull { sample.add(Self.texts(of: object)) }
        let names = sample.sample.fields.map(\.name)
        let shape = run.shape(of: name, names: names, rules: SchemaRules(source, mode: mode), isOpen: true) { sample.sample }
        intake.draft.unmappedReasons = shape.decision.unmappedReasons
        let fields = (try? FeedField.all(of: source, shape.decision)) ?? []
        let currencies = FeedCurrency.all(of: shape.decision)
        for (position, object) in objects.enumerated() {
            // Of a record that was too long only a part is here.
            guard let object, !records[position].reasons.contains("record_too_long") else {
                intake.reject([], reason: "", position: position)
                continue
            }
            intake.draft.begin()
            for field in fields {
                var text: [UInt8] = []
                if object.member(field.path.description)?.appendString(to: &text) == true { intake.draft.set(field.field, text: text.span) }
            }
            for currency in currencies {
                var text: [UInt8] = []
                if object.member(currency.path.description)?.appendString(to: &text) == true { intake.draft.check(currency.field, text.span) }
            }
            intake.add(records[position].content[...], position: position)
        }
        return intake.finish(hint: shape.decision.complaint(source: name, declared: source.fields) ?? "")
    }

    private static func texts(of object: JSONValue) -> [(path: String, text: [UInt8])] {
        object.members.compactMap { key, value in
            var text: [UInt8] = []
            // What repeats is no field: `category#2`.
            guard let path = key.string, !path.contains("#"), value.appendString(to: &text) else { return nil }
            return (path, text)
        }
    }
}
