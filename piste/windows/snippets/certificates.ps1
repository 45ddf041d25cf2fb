# The certificates of the machine, whole (DER, base64): what is in them is read elsewhere, in no language of the host.
@{
    certificates = @(foreach ($certificate in Get-ChildItem -Path Cert:\LocalMachine\My) {
        @{ content = [Convert]::ToBase64String($certificate.RawData); has_private_key = $certificate.HasPrivateKey }
    })
}
