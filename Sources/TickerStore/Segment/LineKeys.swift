import MarketData

/// Reads the key of a row out of its line, for an index that is made anew from the lines alone.
struct LineKeys {
    /// What a line says of its row.
    struct Key {
        /// The number of the series in `series`.
        var series: UInt32
        /// Milliseconds since 1970; in `runs` the number of the run.
        var timestamp: Int64
        /// Quarantine only.
        var id: RecordDigest?
    }

    let family: Family
    /// The series seen so far, in order of first sight.
    private(set) var series: [SeriesKey] = []
    private var numbers: [SeriesKey: UInt32] = [:]
    /// The texts of a key as they stand in lines, and the number of their series: no key is unescaped twice.
    private var texts = ByteInterner()
    private var numbersOfTexts: [UInt32] = []
    private var scratch: [UInt8] = []

    init(family: Family) {
        self.family = family
    }

    /// The key in a line; nil when the line is not one of the family. Appends the keys of a ticker's numbers to `numberKeys`, by field.
    mutating func read(_ line: UnsafeRawBufferPointer, numberKeys: inout [[UInt64]]) -> Key? {
        family == .tickers ? readTicker(line.bindMemory(to: UInt8.self), &numberKeys) : readObject(line)
    }

    // MARK: Tickers

    private mutating func readTicker(_ bytes: UnsafeBufferPointer<UInt8>, _ numberKeys: inout [[UInt64]]) -> Key? {
        let line = bytes.span
        guard let layout = TickerLineLayout(line), let time = try? Timestamp.parse(line.extracting(inner(layout.timestamp))) else { return nil }
        // Taken out, so that its bytes and the interner can be used together.
        var strings: [UInt8] = []
        swap(&strings, &scratch)
        strings.removeAll(keepingCapacity: true)
        for range in [layout.symbol, layout.source, layout.sourceID] { strings.append(contentsOf: bytes[range]) }
        let text = texts.intern(strings.span)
        swap(&strings, &scratch)
        if Int(text) == numbersOfTexts.count {
            // With the quotes and a comma between them the three strings are an array.
            guard let key = Self.key([layout.symbol, layout.source, layout.sourceID].map { Array(bytes[$0]) }) else { return nil }
            numbersOfTexts.append(number(of: key))
        }
        for field in NumberField.allCases { numberKeys[field.rawValue].append(NumberKey.encode(line.extracting(layout[field]))) }
        return Key(series: numbersOfTexts[Int(text)], timestamp: time.milliseconds)
    }

    /// A JSON string without its quotes.
    private func inner(_ range: Range<Int>) -> Range<Int> { range.lowerBound + 1..<range.upperBound - 1 }

    /// The key of three JSON strings.
    private static func key(_ strings: [[UInt8]]) -> SeriesKey? {
        let array = [0x5B] + Array(strings.joined(separator: [0x2C])) + [0x5D]
        guard let document = try? JSONDocument(parsing: array), document.root.count == 3 else { return nil }
        let texts = document.root.elements.map { element in
            var text: [UInt8] = []
            element.appendString(to: &text)
            return text
        }
        return checked(SeriesKey(symbol: texts[0], source: texts[1], sourceID: texts[2]))
    }

    // MARK: Other families

    private mutating func readObject(_ line: UnsafeRawBufferPointer) -> Key? {
        guard let document = try? JSONDocument(parsing: head(of: line)), document.root.kind == .object else { return nil }
        let root = document.root
        func text(_ name: StaticString) -> [UInt8]? {
            var text: [UInt8] = []
            return root[name]?.appendString(to: &text) == true ? text : nil
        }
        func time(_ name: StaticString) -> Int64? { text(name).flatMap { try? Timestamp.parse($0.span) }?.milliseconds }
        let key: SeriesKey
        let timestamp: Int64?
        var id: RecordDigest?
        switch family {
        case .tickers: return nil
        case .raw, .outliers:
            guard let symbol = text("symbol"), let source = text("source"), let sourceID = text("source_id") else { return nil }
            key = SeriesKey(symbol: symbol, source: source, sourceID: sourceID)
            timestamp = time("timestamp")
        case .quarantine:
            guard let source = text("source"), let digest = root["id"]?.string.flatMap(RecordDigest.init(hexadecimal:)) else { return nil }
            key = SeriesKey(symbol: [], source: source, sourceID: [])
            timestamp = time("recorded_at")
            id = digest
        case .runs:
            key = SeriesKey(symbol: [], source: [], sourceID: [])
            timestamp = root["sequence"]?.integer
        }
        guard let timestamp, let key = Self.checked(key) else { return nil }
        return Key(series: number(of: key), timestamp: timestamp, id: id)
    }

    /// The line, or, where a source's own record ends it, an object of the members before that record: whatever the record holds, the key is ours.
    private func head(of line: UnsafeRawBufferPointer) -> [UInt8] {
        let mark: StaticString
        switch family {
        case .raw: mark = #","record"#
        case .quarantine: mark = #","content"#
        default: return [UInt8](line)
        }
        // Inside a string the quote would have a backslash before it, so the first such bytes are the member.
        let pattern = UnsafeRawBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount)
        guard let end = firstPlace(of: pattern, in: line) else { return [UInt8](line) }
        return [UInt8](line.slice(0..<end)) + [0x7D]
    }

    private static func checked(_ key: SeriesKey) -> SeriesKey? {
        // The lengths have one byte each in the index.
        [key.symbol, key.source, key.sourceID].allSatisfy { $0.count <= 255 } ? key : nil
    }

    private mutating func number(of key: SeriesKey) -> UInt32 {
        if let number = numbers[key] { return number }
        let number = UInt32(series.count)
        series.append(key)
        numbers[key] = number
        return number
    }
}

extension TickerLineLayout {
    /// Where a number stands.
    subscript(_ field: NumberField) -> Range<Int> {
        switch field {
        case .price: price
        case .volume: volume
        case .marketCap: marketCap
        case .percentChange: percentChange
        }
    }
}
