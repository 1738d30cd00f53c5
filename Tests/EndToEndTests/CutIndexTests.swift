import Foundation
import TestSupport
import Testing

/// Somebody else cuts an index file: between two starts, and under a running server.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct CutIndexTests {
    private static let query = "/data?sort_by=price_usd&limit=100&format=csv"

    private static func index(_ data: String) throws -> String {
        let folder = data + "/segments/tickers/"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".idx") }
        return folder + (try #require(names.first))
    }

    @Test func aCutIndexIsMadeAnewAtTheNextStartAndUnderAServerEndsItWithAWord() throws {
        let directory = try TemporaryDirectory()
        let rows = (1...100).map { "C\($0),\($0).5,2024-12-15T14:30:00Z\n" }.joined()
        try directory.write("symbol,price_usd,timestamp\n" + rows, to: "data/inbox/a.csv")
        let data = directory.path + "/data"
        #expect(try Subprocess.run(BinaryUnderTest.required(), ["run", "--source", "csv", "--data-dir", data]).exitCode == 0)
        let index = try Self.index(data)
        let whole = try #require(FileManager.default.contents(atPath: index))
        #expect(truncate(index, off_t(whole.count / 2)) == 0)
        let first = try ServerProcess(dataDirectory: data, arguments: ["--no-schedule"])
        #expect(first.errorOutputSoFar.contains("It was made anew from the lines (100 rows)"), "\(first.errorOutputSoFar)")
        #expect(FileManager.default.contents(atPath: index) == whole, "not as it was")
        let before = try first.get(Self.query).text
        #expect(before.contains("C100,"), "\(before)")
        #expect(truncate(index, 0) == 0)
        #expect(throws: (any Error).self) { try first.get("/data?sort_by=price_usd&limit=99") }
        let end = try first.wait()
        #expect(end.signal == SIGBUS && end.exitCode == nil, "\(end)")
        #expect(end.standardError.contains("kasparro: \(index) cannot be read where it is mapped"), "\(end.standardError)")
        let second = try ServerProcess(dataDirectory: data, arguments: ["--no-schedule"])
        #expect(try second.get(Self.query).text == before)
        try second.terminate()
    }
}
