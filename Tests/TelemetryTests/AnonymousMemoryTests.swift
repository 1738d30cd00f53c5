import Testing

@testable import Telemetry

@Suite struct AnonymousMemoryTests {
    @Test func pagesOfFilesAreNotCounted() {
        #expect(AnonymousMemory.parse(Array("7634 1305 1042 1 0 203 0\n".utf8), pageBytes: 4_096) == 263 * 4_096)
    }

    @Test(arguments: ["", "7634", "7634 1305\n", "7634 x 1042 1", "7634 1305 1306 1"]) func whatIsNoSuchLineGivesNothing(_ text: String) {
        #expect(AnonymousMemory.parse(Array(text.utf8), pageBytes: 4_096) == nil)
    }

    @Test func thisProcessHasSomeAndItGrowsWithWhatItTakes() throws {
        let before = try #require(AnonymousMemory.residentBytes())
        let taken = [UInt8](repeating: 1, count: 64 << 20)
        let after = try #require(AnonymousMemory.residentBytes())
        #expect(before > 0 && after - before > 32 << 20, "\(before) bytes, then \(after) with \(taken.count) more")
        withExtendedLifetime(taken) {}
    }
}
