import Glibc

extension BundledFile {
    /// Writes the file into its place below a directory; directories that are missing are made, a file that is there is replaced in one step.
    ///
    /// - Returns: the path of the file.
    func write(below directory: String) throws(CommandFailure) -> String {
        let root = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        var path = root
        for part in place.split(separator: "/").dropLast() {
            try Self.makeDirectory(path)
            path += "/\(part)"
        }
        try Self.makeDirectory(path)
        path += "/\(fileName)"
        let output = try OutputFile(path)
        do {
            let bytes = content()
            try bytes.span.withUnsafeBytes { (bytes) throws(CommandFailure) in try output.write(bytes) }
            try output.finish()
        } catch {
            output.discard()
            throw error
        }
        return path
    }

    private static func makeDirectory(_ path: String) throws(CommandFailure) {
        guard !path.isEmpty, mkdir(path, 0o777) != 0, errno != EEXIST else { return }
        throw CommandFailure(errno == EACCES ? .permission : .cannotCreate, "cannot make \(path): \(String(cString: strerror(errno)))")
    }
}
