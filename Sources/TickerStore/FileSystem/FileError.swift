import Glibc

/// A system call that failed: which one, on what, and why.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system call's name.
    package var operation: String
    package var path: String
    /// `errno`.
    package var code: Int32

    package init(_ operation: String, _ path: String, _ code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var description: String {
        "\(operation) \(path): \(errorText(code))"
    }
}

extension FileError {
    // Values of `errno` that callers ask about.
    package static let notFound = ENOENT
    package static let exists = EEXIST
    package static let noSpace = ENOSPC
    package static let tooBig = EFBIG
    package static let permission = EACCES
    package static let ioError = EIO
    package static let notAFile = EINVAL

    /// Whether freeing disk space makes the same call work again.
    package var isOutOfSpace: Bool { operation != "read" && (code == ENOSPC || code == EDQUOT || code == EFBIG) }
    /// Whether nobody knows any more what the disk holds: a sync failed, or a rename for another reason than space.
    package var leavesDiskUncertain: Bool { operation == "fsync" || operation == "fdatasync" || (operation == "rename" && !isOutOfSpace) }
    /// Whether the file system refused on grounds of ownership or mode.
    package var isPermission: Bool { code == EACCES || code == EPERM || code == EROFS }
}

/// The system's sentence for an `errno`.
func errorText(_ code: Int32) -> String {
    String(cString: strerror(code))
}
