import Testing

@testable import KasparroCLI

@Suite struct TrimChoiceTests {
    private static let enough = TrimChoice.keptBytes + 1

    private var choice = TrimChoice()

    @Test mutating func littleStaysForTheNext() {
        let (little, much) = (choice.isWorthwhile(unused: TrimChoice.keptBytes), choice.isWorthwhile(unused: Self.enough))
        #expect(!little && much)
    }

    /// Fragments would be looked for again and again.
    @Test mutating func whatCouldNotBeGivenBackIsNotTriedAgain() {
        choice.tried(unused: 5 << 20)
        let (same, more) = (choice.isWorthwhile(unused: Self.enough), choice.isWorthwhile(unused: 5 << 20 + Self.enough))
        #expect(!same && more)
    }

    /// It was in use for a moment when it was tried, and looked as if it could not be given back.
    @Test mutating func aRemainderThatHasGoneCountsNoMore() {
        choice.tried(unused: 50 << 20)
        let (little, much) = (choice.isWorthwhile(unused: 1 << 20), choice.isWorthwhile(unused: 1 << 20 + Self.enough))
        #expect(!little && much)
    }

    @Test func whatIsHeldIsNotUnused() throws {
        let before = try #require(OwnMemory.now())
        let held = [UInt8](repeating: 1, count: 64 << 20)
        let after = try #require(OwnMemory.now())
        #expect(after.inUse - before.inUse > 32 << 20 && after.resident - before.resident > 32 << 20, "\(before), then \(after)")
        withExtendedLifetime(held) {}
    }
}
