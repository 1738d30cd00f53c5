import Testing

@testable import KasparroCLI

@Suite struct RecordPlaceTests {
    @Test func filesHaveLinesAndPagesHaveRecords() {
        #expect(recordPlace("var/inbox/a.csv", 9) == "var/inbox/a.csv, line 9")
        #expect(recordPlace("https://example.test/coins?page=2", 0) == "https://example.test/coins?page=2, record 1")
    }
}
