/// The id by which one request is found in logs and answers.
enum RequestID {
    /// Whether a caller's id may be echoed: 1 to 64 characters of `A-Z a-z 0-9 . _ -`, nothing a log or a header could
    /// stumble over.
    static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...64).contains(bytes.count)
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// A new one: 128 random bits in hexadecimal.
    static func make() -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for _ in 0..<2 {
            let word = UInt64.random(in: .min ... .max)
            for shift in stride(from: UInt64(60), through: 0, by: -4) {
                let digit = UInt8(word >> shift & 0xF)
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
