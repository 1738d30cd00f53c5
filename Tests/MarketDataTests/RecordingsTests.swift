import MarketData
import TestSupport
import Testing

/// Runs over recorded answers and files of real sources; skipped where the machine has none.
@Suite(.enabled(if: Recordings.directory != nil, "no recordings on this machine"))
struct RecordingsTests {
    @Test(arguments: Recordings.files(ending: ".json"))
    func everyJSONFileParsesOrSaysWhereItBreaks(path: String) {
        let content = Recordings.read(path)
        do throws(JSONDocument.Failure) {
            let root = try JSONDocument(parsing: content).root
            #expect(root.count == (root.kind == .object ? root.members.map { $0 }.count : root.elements.map { $0 }.count))
            for record in root.elements {
                #expect(record.withRaw { $0.count } == record.raw.count)
            }
        } catch {
            #expect((0...content.count).contains(error.offset), "\(path): \(error)")
            #expect(path.contains("error"), "\(path): \(error)")
        }
    }

    /// The count by the plainest rule there is: line ends outside quotes. Good for these files, which quote properly.
    static func countRows(_ content: [UInt8]) -> Int {
        var rows = 0
        var isQuoted = false
        var isEmpty = true
        for byte in content {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted, byte == 0x0A || byte == 0x0D {
                if !isEmpty { rows += 1 }
                isEmpty = true
            } else {
                isEmpty = false
            }
        }
        return isEmpty ? rows : rows + 1
    }

    @Test(arguments: Recordings.files(ending: ".csv"))
    func everyCSVFileHasTheRowsItsLinesSay(path: String) throws {
        let content = Recordings.read(path)
        let reader = CSVReader(content)
        var rows = 0
        var widths: [Int: Int] = [:]
        while try reader.next() {
            rows += 1
            widths[reader.fieldCount, default: 0] += 1
            #expect(!reader.malformed, "\(path): line \(reader.line)")
        }
        #expect(rows == Self.countRows(content), "\(path)")
        #expect(reader.recordEnd == content.count, "\(path)")
        #expect(widths.count <= 2, "\(path): one width, and a URL line: \(widths)")
    }

    @Test(arguments: Recordings.files(ending: ".csv"))
    func aHeaderIsFoundExceptWhereThereIsNone(path: String) throws {
        let reader = CSVReader(Recordings.read(path))
        do {
            let header = try CSVHeader.read(from: reader)
            #expect(header.names.count > 1, "\(path)")
            #expect(!path.contains("headerless"), "\(path): \(header.names.map { text($0) })")
        } catch let failure as CSVHeader.Failure {
            #expect(path.contains("headerless"), "\(path): \(failure)")
        }
    }
}
