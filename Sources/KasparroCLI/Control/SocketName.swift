import TickerStore

/// The name of a file in a directory, short enough for the address of a unix socket.
struct SocketName: Sendable {
    /// SwiftNIO takes no more, of the 107 that unix(7) has room for.
    private static let mostBytes = 103

    /// What to bind or to connect to; good for as long as this value lives.
    let path: String
    /// Keeps a short name for the directory valid.
    private let directory: DirectoryReference?

    /// - Throws: when the path is too long and the directory cannot be opened, which would give it a shorter one.
    init(_ name: String, in directory: String) throws(FileError) {
        let whole = directory + "/" + name
        if whole.utf8.count <= Self.mostBytes {
            path = whole
            self.directory = nil
        } else {
            let reference = try DirectoryReference(directory)
            path = reference.path + "/" + name
            self.directory = reference
        }
    }
}
