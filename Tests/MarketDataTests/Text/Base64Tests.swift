import Testing

@testable import MarketData

@Suite struct Base64Tests {
    @Test func whatIsEncodedIsDecoded() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes, "\(count) bytes")
        }
    }

    @Test(arguments: ["A", "AA", "AAA", "AB==CD==", "====", "A===", "AA=A", "Zh==", "Zm9=", "Z-9_", "Zm 9"]) func whatIsNoBase64IsRefused(
        _ text: String
    ) {
        #expect(Base64.decode(text) == nil)
    }
}
