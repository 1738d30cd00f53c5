import Testing

@testable import Ingest
@testable import KasparroCLI

@Suite struct MappingsTextTests {
    private static func entry(_ source: String, _ from: String, _ to: String?, _ status: MappingEntry.Status) -> MappingEntry {
        MappingEntry(source: source, from: from, to: to, status: status, origin: "exact", reasons: [])
    }

    @Test func fieldsThatGiveNothingAreListedWithWhatToType() {
        let text = MappingsText(entries: [
            Self.entry("a", "symbol", "symbol", .applied), Self.entry("a", "rank", nil, .unmapped), Self.entry("a", "my price", nil, .unmapped),
            Self.entry("b", "/ath", nil, .unmapped),
        ]).text
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 5 && lines[2] == "gives nothing in a: rank, my price" && lines[3] == "gives nothing in b: /ath", "\(text)")
        #expect(
            lines[4].contains("kasparro mappings approve a 'rank=FIELD'") || lines[4].contains("kasparro mappings approve a rank=FIELD"),
            "\(text)"
        )
    }
}
