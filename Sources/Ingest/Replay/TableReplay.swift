import MarketData
import TickerStore

/// Tries records of one file again, each read alone under the header that was kept with it.
struct TableReplay {
    let name: String
    let source: CSVSource
    let mode: SourceDefinition.SchemaMode
    let run: ActiveRun

    /// - Parameter records: of one file and one time.
    func load(_ records: [WaitingRecord], _ waiting: WaitingRecords) -> SourceOutcome {
        let first = records[0]
        var intake = RecordIntake(name: name, place: first.place, fetchedAt: first.recordedAt, format: source.format, run: run)
        intake.waiting = waiting
        guard let header = header(first), let symbol = symbol(first.place) else {
            for position in records.indices { intake.reject([], reason: "", position: position) }
            return intake.finish(hint: "the header of its file was not kept; put the file into the inbox again")
        }
        if !symbol.isEmpty { intake.draft.fix(.symbol, symbol) }
        let separator = self.separator(first)
        let rows = records.map { Self.reader($0.content, separator) }
        let shape = run.shape(of: name, names: header.shapeNames, rules: SchemaRules(source, header: header, mode: mode), isOpen: false) {
            SchemaSample(rows.compactMap { $0 }, header: header)
        }
        intake.draft.unmappedReasons = shape.decision.unmappedReasons
        let file = CSVFile(path: first.place, key: FileKey(source: name, path: first.place))
        let mapping = ColumnMapping(header: header, decision: shape.decision)
        var raw: [UInt8] = []
        for (position, reader) in rows.enumerated() {
            guard let reader else {
                intake.reject([], reason: "", position: position)
                continue
            }
            let table = CSVTable(file: file, reader: reader, header: header, mapping: mapping)
            guard table.isRegular else {
                intake.reject([], reason: "", position: position)
                continue
            }
            table.fill(&intake.draft)
            raw.removeAll(keepingCapacity: true)
            table.appendRaw(to: &raw)
            intake.add(raw[...], position: position)
        }
        return intake.finish(hint: shape.decision.complaint(source: name) ?? "")
    }

    private func separator(_ record: WaitingRecord) -> UInt8 {
        if let declared = source.separator { return declared }
        return Self.reader(record.header, nil)?.separator ?? UInt8(ascii: ",")
    }

    /// nil where neither the record nor the configuration has one.
    private func header(_ record: WaitingRecord) -> CSVHeader? {
        if let columns = source.columns { return CSVHeader(names: columns.map { Array($0.utf8) }) }
        guard !record.header.isEmpty, let reader = Self.reader(record.header, source.separator) else { return nil }
        return CSVHeader(names: (0..<reader.fieldCount).map { reader.withField($0) { $0.bytes } })
    }

    /// What the file's name says; empty where it has nothing to say, nil where it should and does not.
    private func symbol(_ path: String) -> [UInt8]? {
        guard let pattern = source.symbolPattern, source.format.constants[.symbol] == nil else { return [] }
        let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
        return (try? TextPattern(pattern))?.value(in: name).map { Array($0.utf8) }
    }

    /// A reader that stands on the one record in a text; nil when there is none.
    private static func reader(_ text: [UInt8], _ separator: UInt8?) -> CSVReader? {
        let bytes = text + [0x0A]
        var position = 0
        let reader = CSVReader(separator: separator) { buffer in
            let count = min(buffer.count, bytes.count - position)
            buffer.copyBytes(from: bytes[position..<position + count])
            position += count
            return count
        }
        return (try? reader.next()) == true ? reader : nil
    }
}

extension SchemaSample {
    /// Of records that are read alone.
    fileprivate init(_ rows: [CSVReader], header: CSVHeader) {
        let names = header.shapeNames
        let columns = names.compactMap { header.index(of: Array($0.utf8)) }
        fields = names.map { SampledField(name: $0, path: [$0]) }
        for reader in rows.prefix(Self.maximumRecords) where reader.fieldCount >= header.names.count {
            reader.withFields(columns) { place, text in fields[place].values.add(text: text) }
            records += 1
        }
    }
}
