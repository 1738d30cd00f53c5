extension [UInt8] {
    /// Appends the bytes of a span in one copy.
    @inline(__always)
    mutating func append(copying text: Span<UInt8>) {
        text.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// Appends the bytes of a literal that the program itself holds.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Takes back what was appended since the array had `count` bytes. Failing functions use it to leave their
    /// output as it was.
    mutating func truncate(to count: Int) {
        removeLast(self.count - count)
    }
}

/// Three-way comparison of byte strings, as UTF-8 text is ordered: <0, 0, >0.
func compareBytes(_ a: [UInt8], _ b: [UInt8]) -> Int {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            var index = 0
            let shared = min(a.count, b.count)
            while index < shared {
                if a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
                index += 1
            }
            return a.count - b.count
        }
    }
}

/// Whether two byte strings are the same.
@inline(__always)
func sameBytes(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    var index = 0
    let count = a.count
    while index &+ 8 <= count {
        if WordScan.load(a, at: index) != WordScan.load(b, at: index) { return false }
        index &+= 8
    }
    while index < count {
        if a[index] != b[index] { return false }
        index &+= 1
    }
    return true
}
