package sshkey

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // openssl locked keys with it for years
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"hash"

	"golang.org/x/crypto/ssh"
)

// lockedPKCS8 is the type of the PEM block that openssl and ssh-keygen -m PKCS8
// write.
const lockedPKCS8 = "ENCRYPTED PRIVATE KEY"

// ParseLocked reads a private key that is locked by a passphrase, in any format
// that OpenSSH reads: its own, the old PEM, and PKCS#8. A passphrase that is
// wrong gives x509.IncorrectPasswordError wherever the format can tell.
func ParseLocked(content, passphrase []byte) (any, error) {
	if block, _ := pem.Decode(content); block != nil && block.Type == lockedPKCS8 {
		return parsePKCS8(block.Bytes, passphrase)
	}
	return ssh.ParseRawPrivateKeyWithPassphrase(content, passphrase)
}

// IsLockedPKCS8 tells whether a file holds a key that only ParseLocked reads.
func IsLockedPKCS8(content []byte) bool {
	return bytes.Contains(content, []byte("-----BEGIN "+lockedPKCS8+"-----"))
}

// The structures of RFC 5958, section 3, and RFC 8018, appendix A.
type (
	lockedKey struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	pbes2Params struct {
		KeyDerivation pkix.AlgorithmIdentifier
		Cipher        pkix.AlgorithmIdentifier
	}
	pbkdf2Params struct {
		Salt       []byte
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
)

const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
	// mostIterations bounds the time that a file can cost: some seconds.
	mostIterations = 10_000_000
)

// prfs are the functions of PBKDF2; without a name it is the first.
var prfs = map[string]func() hash.Hash{
	"":                    sha1.New,
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.11": sha512.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.10": sha512.New384,
}

// blockCipher is one of PBES2, in CBC mode.
type blockCipher struct {
	keyLength int
	open      func(key []byte) (cipher.Block, error)
}

var blockCiphers = map[string]blockCipher{
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
}

var (
	errForeignLock = errors.New("it is locked in a way that is not known here")
	errDamaged     = errors.New("the locked key is damaged")
)

func parsePKCS8(der, passphrase []byte) (any, error) {
	var locked lockedKey
	var scheme pbes2Params
	if _, err := asn1.Unmarshal(der, &locked); err != nil {
		return nil, errDamaged
	}
	if locked.Algorithm.Algorithm.String() != oidPBES2 {
		return nil, errForeignLock
	}
	if _, err := asn1.Unmarshal(locked.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, errDamaged
	}
	decrypter, err := scheme.decrypter(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := unpad(decrypter, locked.Data)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil { // a wrong passphrase leaves a good padding once in 256 times
		return nil, x509.IncorrectPasswordError
	}
	return key, nil
}

// decrypter derives the key from a passphrase.
func (p pbes2Params) decrypter(passphrase []byte) (cipher.BlockMode, error) {
	var derivation pbkdf2Params
	if p.KeyDerivation.Algorithm.String() != oidPBKDF2 {
		return nil, errForeignLock
	}
	if _, err := asn1.Unmarshal(p.KeyDerivation.Parameters.FullBytes, &derivation); err != nil {
		return nil, errDamaged
	}
	kind, known := blockCiphers[p.Cipher.Algorithm.String()]
	prf, knownPRF := prfs[derivation.PRF.Algorithm.String()]
	if !known || !knownPRF || derivation.Iterations < 1 || derivation.Iterations > mostIterations {
		return nil, errForeignLock
	}
	key, err := pbkdf2.Key(prf, string(passphrase), derivation.Salt, derivation.Iterations, kind.keyLength)
	if err != nil {
		return nil, err
	}
	block, err := kind.open(key)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if _, err := asn1.Unmarshal(p.Cipher.Parameters.FullBytes, &iv); err != nil || len(iv) != block.BlockSize() {
		return nil, errDamaged
	}
	return cipher.NewCBCDecrypter(block, iv), nil
}

// unpad decrypts and takes the padding off.
func unpad(d cipher.BlockMode, data []byte) ([]byte, error) {
	size := d.BlockSize()
	if len(data) == 0 || len(data)%size != 0 {
		return nil, errDamaged
	}
	plain := make([]byte, len(data))
	d.CryptBlocks(plain, data)
	n := int(plain[len(plain)-1])
	padding := bytes.Repeat([]byte{byte(n)}, n)
	if n < 1 || n > size || !bytes.HasSuffix(plain, padding) {
		return nil, x509.IncorrectPasswordError
	}
	return plain[:len(plain)-n], nil
}
