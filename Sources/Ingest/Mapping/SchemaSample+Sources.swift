import MarketData
import TickerStore

// The first records of each kind of source.

extension SchemaSample {
    /// Of a page of an `http` source.
    ///
    /// - Parameter names: JSON pointers.
    init(_ records: PageRecords, names: [String]) {
        let pointers = names.map { JSONPointer($0) }
        fields = zip(names, pointers).map { name, pointer in
            SampledField(name: name, path: pointer?.tokens.map { String(decoding: $0, as: UTF8.self) } ?? [name])
        }
        records.forEach { index, record in
            for place in pointers.indices {
                fields[place].values.add(json: pointers[place].flatMap { record.value?.pointer($0) })
            }
            self.records = index + 1
            return index + 1 < Self.maximumRecords
        }
    }

    /// Of a file, which is opened for this alone. What cannot be read is left out; whoever loads the file says so.
    init(ofFile path: String, header: CSVHeader, source: CSVSource, separator: UInt8?, fileSystem: any FileSystem) {
        var columns: [Int] = []
        for (column, name) in header.names.enumerated() where !name.isEmpty && header.index(of: name) == column {
            let text = String(decoding: name, as: UTF8.self)
            columns.append(column)
            fields.append(SampledField(name: text, path: [text]))
        }
        guard let file = try? InboxFile(path, fileSystem: fileSystem, encoding: source.encoding) else { return }
        let reader = CSVReader(separator: separator) { try file.read(into: $0) }
        var isHeaderPassed = header.line == 0
        while records < Self.maximumRecords {
            do {
                guard try reader.next() else { return }
            } catch is CSVReader.Failure {
                guard (try? reader.skipToNextLine()) == true else { return }
                continue
            } catch {
                return
            }
            if !isHeaderPassed {
                isHeaderPassed = reader.line >= header.line
                continue
            }
            guard reader.fieldCount >= header.names.count - 1, !reader.malformed, columns.allSatisfy({ $0 < reader.fieldCount }) else { continue }
            reader.withFields(columns) { place, text in fields[place].values.add(text: text) }
            records += 1
        }
    }

}

/// A sample of records that are texts under paths, as those of feeds are; it takes one record after the other.
struct TextSample {
    private(set) var sample = SchemaSample()
    /// By path, its place in the sample.
    private var places: [String: Int] = [:]

    var isFull: Bool { sample.records >= SchemaSample.maximumRecords }

    /// - Parameter texts: each path once.
    mutating func add(_ texts: [(path: String, text: [UInt8])]) {
        var isThere = [Bool](repeating: false, count: sample.fields.count)
        for (path, text) in texts {
            if places[path] == nil {
                guard sample.fields.count < RecordNames.maximumNames else { continue }
                places[path] = sample.fields.count
                var field = SampledField(name: path, path: path.split { $0 == "/" || $0 == "@" }.map(String.init))
                for _ in 0..<sample.records { field.values.add(json: nil) }
                sample.fields.append(field)
                isThere.append(false)
            }
            let place = places[path]!
            sample.fields[place].values.add(text: text.span)
            isThere[place] = true
        }
        for place in isThere.indices where !isThere[place] { sample.fields[place].values.add(json: nil) }
        sample.records += 1
    }
}
