import Glibc
import Ingest
import TickerStore

/// Who a store belongs to.
enum StoreOwner {
    /// What whoever may not read a secret can do, to follow the system's words; empty where nobody else owns it.
    static func wayOut(of path: String) -> String {
        var information = stat()
        guard stat(path, &information) == 0 else { return ". It is for the user of the server only: type it as that user, or as root" }
        guard information.st_uid != geteuid() else { return ". The file is yours: chmod 600 \(shellQuoted(path))" }
        return ". It is for the user with the id \(information.st_uid) only. Type it as that user: sudo -u '#\(information.st_uid)' kasparro …"
    }

    /// Keeps root from writing into the store of another user, whose server could then not read what root made.
    ///
    /// - Throws: `.permission`.
    static func refuseRoot(_ dataDirectory: String) throws(StoreError) {
        var information = stat()
        guard geteuid() == 0, stat(dataDirectory + "/FORMAT", &information) == 0, information.st_uid != 0 else { return }
        throw StoreError(
            .permission,
            "\(dataDirectory) belongs to the user with the id \(information.st_uid), who could not use what root writes into it. "
                + "Type it as that user: sudo -u '#\(information.st_uid)' kasparro …"
        )
    }
}
