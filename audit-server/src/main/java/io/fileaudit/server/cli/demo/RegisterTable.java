package io.fileaudit.server.cli.demo;

import java.util.List;

/** Tables of the register: how their files are called, how many rows they have, what is in them. */
public enum RegisterTable {
  EMPRESA(
      "Empresas",
      "EMPRECSV",
      17_187_110,
      4_494_860,
      "cnpj_basico razao_social natureza_juridica qualificacao_responsavel capital_social porte"
          + " ente_federativo"),
  ESTABELECIMENTO(
      "Estabelecimentos",
      "ESTABELE",
      17_832_754,
      4_753_435,
      "cnpj_basico cnpj_ordem cnpj_dv matriz_filial nome_fantasia situacao data_situacao"
          + " motivo_situacao cidade_exterior pais data_inicio cnae_principal cnae_secundaria"
          + " tipo_logradouro logradouro numero complemento bairro cep uf municipio ddd_1"
          + " telefone_1 ddd_2 telefone_2 ddd_fax fax email situacao_especial"
          + " data_situacao_especial"),
  SOCIOS(
      "Socios",
      "SOCIOCSV",
      5_976_547,
      2_019_150,
      "cnpj_basico tipo_socio nome_socio documento_socio qualificacao_socio data_entrada pais"
          + " representante_legal nome_representante qualificacao_representante faixa_etaria");

  /** Each of these tables comes in so many files. */
  public static final int FILES = 10;

  private final String archive;
  private final String suffix;
  private final long rowsOfFirst;
  private final long rowsOfOthers;
  private final List<String> columns;

  RegisterTable(
      String archive, String suffix, long rowsOfFirst, long rowsOfOthers, String columns) {
    this.archive = archive;
    this.suffix = suffix;
    this.rowsOfFirst = rowsOfFirst;
    this.rowsOfOthers = rowsOfOthers;
    this.columns = List.of(columns.split(" "));
  }

  /** Its name in the database. */
  public String table() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  public List<String> columns() {
    return columns;
  }

  /** The name of its n-th zip, from 0. */
  public String zip(int file) {
    return archive + file + ".zip";
  }

  /** The name of what is in its n-th zip. */
  public String member(int file) {
    return "K3241.K03200Y" + file + ".D40511." + suffix;
  }

  /** How many rows its n-th file has at a fraction of the size. */
  public long rows(int file, int scale) {
    return Math.max((file == 0 ? rowsOfFirst : rowsOfOthers) / scale, 1);
  }
}
