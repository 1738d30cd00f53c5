import MarketData
import Testing

@Suite struct HexadecimalTests {
    @Test func aByteHasTwoDigits() {
        #expect(Hexadecimal.text([0x00, 0x0F, 0xA0, 0xFF] as [UInt8]) == "000fa0ff")
        #expect(Hexadecimal.text([] as [UInt8]) == "")
    }

    @Test func aNumberKeepsItsLeadingZeros() {
        #expect(Hexadecimal.text(UInt64(0)) == "0000000000000000")
        #expect(Hexadecimal.text(UInt64.max) == "ffffffffffffffff")
        #expect(Hexadecimal.text(UInt32(0xBEEF)) == "0000beef")
    }
}
