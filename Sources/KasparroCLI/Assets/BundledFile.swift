import CAssets

/// A file that the binary carries, for those who have nothing but the binary.
struct BundledFile: Sendable {
    /// What it is asked for by.
    let name: String
    /// Where it goes, below a prefix such as `/usr/local`.
    let place: String
    /// What it is, in a few words.
    let summary: String
    /// The whole file. It may be made when it is asked for.
    let content: @Sendable () -> [UInt8]

    init(_ name: String, _ place: String, _ summary: String, content: @escaping @Sendable () -> [UInt8]) {
        (self.name, self.place, self.summary, self.content) = (name, place, summary, content)
    }

    init(_ name: String, _ place: String, _ summary: String, _ file: EmbeddedFile) {
        let start = UInt(bitPattern: file.start)
        let length = file.length
        self.init(name, place, summary) { Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: start), count: length)) }
    }

    /// The last part of `place`, such as `kasparro.1`.
    var fileName: String { String(place[(place.lastIndex(of: "/").map { place.index(after: $0) } ?? place.startIndex)...]) }

    /// - Parameter name: its name, or its file's name.
    static func named(_ name: String) -> BundledFile? { all.first { $0.name == name } ?? all.first { $0.fileName == name } }
}
